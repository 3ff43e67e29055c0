// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/error.h"
#include "core/exact.h"
#include "core/input.h"
#include "core/note.h"
#include "core/ticket.h"
#include "core/time.h"

namespace inpaintd {

/// How long each stage of a request took.
struct Timings {
  Microseconds decode{};
  Microseconds queue{};
  Microseconds infer{};
  Microseconds encode{};
  Microseconds total{};
};

/// What computed a picture. Empty when nothing had to be computed.
struct RunInfo {
  std::size_t batch_size = 0;  ///< of the largest batch that a tile of the picture was in
  std::string device;          ///< "cpu", "cuda:0"
  std::string model;
};

/// A result as the client gets it: encoded, whole or cropped to the changed region.
struct EncodedPicture {
  std::string bytes;
  Format format = Format::png;
  Size size;    ///< of the picture in `bytes`
  Rect region;  ///< the part of the request's picture that `bytes` shows: all of it, or with `patch` the changed box
  Exact exact = Exact::recoded;
  std::vector<Note> notes;
};

/// A finished picture with which identical requests can be answered.
struct Answer {
  EncodedPicture picture;
  RunInfo run;
};

/// The network's predictions, one for each tile of `input`, not yet pasted into the picture.
struct Computed {
  std::shared_ptr<const Input> input;
  std::vector<Pixels> predictions;
  RunInfo run;
};

/// How a request ended, on the way to its client.
struct Outcome {
  /// Either predictions, or the finished answer of an identical request, or the reason why there is no picture.
  using Ending = std::variant<Computed, std::shared_ptr<const Answer>, Error>;

  Ticket ticket;
  Ending ending;
  Timings timings;
  Reservation reservation;  ///< released when the final message is sent

  /// Null unless the request ended without a picture.
  [[nodiscard]] const Error* error() const { return std::get_if<Error>(&ending); }
};

/// A progress message to the client of `ticket`: `position` requests are ahead of the request, or it runs.
struct Progress {
  Ticket ticket;
  bool running = false;
  std::size_t position = 0;
  std::chrono::milliseconds eta{};
  std::size_t batch_size = 0;
  std::string device;
};

}  // namespace inpaintd
