// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "bus/connection.h"
#include "core/request.h"
#include "core/result.h"
#include "tools/shared/exit_codes.h"
#include "tools/shared/interrupt.h"

namespace inpaintd::tools {

/// Why a picture was not filled, and how a program that stops for it should exit.
struct PaintFailure {
  std::string message;
  ExitCode exit_code = exit_failed;
};
using Painted = Result<std::string, PaintFailure>;

/// Fills pictures: the service, or the engine in this process. Used by several threads at a time.
class Painter {
 public:
  /// Told in words what happens to a request.
  using Progress = std::function<void(std::string_view)>;

  virtual ~Painter() = default;
  /// `image` and `mask` are files' contents; returns a file's content in `options.format`. `progress` may be empty.
  virtual Painted paint(Bytes image, Bytes mask, const Options& options, const Progress& progress) = 0;
};

struct RemoteSettings {
  std::string prefix;
  Priority priority = Priority::normal;
  std::chrono::milliseconds timeout{};  ///< for one picture, with all its retries
  int retries = 0;
};

/// Asks the service behind `connection`, and tells it to give up when `interrupt` is requested. Both must outlive the
/// painter.
std::unique_ptr<Painter> make_remote_painter(Connection& connection, RemoteSettings settings,
                                             const Interrupt& interrupt);

/// Runs the native engine here. Empty `model`: the default; empty `device`: the best there is.
Result<std::unique_ptr<Painter>, PaintFailure> make_local_painter(const std::string& model, const std::string& device);

}  // namespace inpaintd::tools
