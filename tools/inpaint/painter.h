// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clients/cpp/client.h"
#include "core/exact.h"
#include "core/note.h"
#include "core/request.h"
#include "core/result.h"
#include "tools/shared/exit_codes.h"
#include "tools/shared/interrupt.h"

namespace inpaintd::tools {

/// The reason why a picture was not filled, and the exit code of a program that ends because of it.
struct PaintFailure {
  std::string message;
  ExitCode exit_code = exit_failed;
};

/// A filled picture.
struct Painting {
  std::string file;            ///< its bytes, in the format that was asked for
  std::optional<Exact> exact;  ///< what holds outside of the holes; absent: the service is older and does not say
  std::vector<Note> notes;
};
using Painted = Result<Painting, PaintFailure>;

/// Checks that an answer is a complete picture that replaces `image`: it is decoded as a whole, and has the size of the
/// upright `image`, or at most that size for a patch. The message of a failure says what is wrong.
Result<Ok, PaintFailure> check_complete(const Painting& painting, Bytes image, const Options& options);

/// The failure that the service told.
PaintFailure service_failure(const Error& error);

/// Whether the mask had no hole, so that the picture is unchanged.
bool has_empty_mask(const std::vector<Note>& notes);
/// "warning: ..." for a mask without a hole, "note: ..." otherwise.
std::string describe(const Note& note);

/// What an answer keeps outside of the holes, for people.
std::string_view describe(Exact exact);

/// Fills pictures, by the service or by an engine in this process. paint() may be called by several threads at a time.
class Painter {
 public:
  /// Receives descriptions of the state of a request, for people.
  using Progress = std::function<void(std::string_view)>;

  virtual ~Painter() = default;
  /// `image` and `mask` are the bytes of files. `progress` may be empty.
  virtual Painted paint(Bytes image, Bytes mask, const Options& options, const Progress& progress) = 0;
};

/// Passes on what a finished picture keeps outside of the holes.
Painted tell_exact(Painted painted, const Painter::Progress& progress);

/// Parameters of the requests of a remote painter.
struct RemoteSettings {
  Priority priority = Priority::normal;
  std::chrono::milliseconds timeout{};  ///< of one picture, retries included
  int retries = 0;
};

/// Sends requests to the service of `client`, and cancels them when `interrupt` is requested. `client` and `interrupt`
/// must outlive the painter.
std::unique_ptr<Painter> make_remote_painter(Client& client, RemoteSettings settings, const Interrupt& interrupt);

/// Parameters of the durable jobs of a painter.
struct DurableSettings {
  std::string prefix = "inpaint";  ///< first part of the subjects
  std::string owner;               ///< first part of the jobs' ids; valid_owner()
  Priority priority = Priority::normal;
  std::optional<std::chrono::milliseconds> wait_max;  ///< of this program, for one picture; the job goes on
};

/// Fills pictures by durable jobs (job_id), which it makes, finds again, or starts again where they have to be. While
/// the NATS server is away, and after `interrupt`, the jobs go on. `connection` and `interrupt` must outlive the
/// painter. Errors: the streams or buckets are missing.
Result<std::unique_ptr<Painter>, PaintFailure> make_durable_painter(Connection& connection, DurableSettings settings,
                                                                    const Interrupt& interrupt);

/// Runs the native engine in this process. Empty `model`: the built-in weights; empty `device`: the first of
/// available_devices().
Result<std::unique_ptr<Painter>, PaintFailure> make_local_painter(const std::string& model, const std::string& device);

}  // namespace inpaintd::tools
