// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "core/request.h"

namespace inpaintd::gateway {

/// Bytes of a request beside its two files: keys, options, subject and headers.
inline constexpr std::size_t message_overhead = 1024;

/// A request for a picture, whatever form it came in. Picture and mask are files that were not decoded.
struct Submission {
  std::string image;
  std::string mask;
  Options options;
  std::optional<std::chrono::milliseconds> timeout;  ///< absent: the gateway's default
  Priority priority = Priority::normal;
  std::string traceparent;  ///< W3C trace context, or empty
  /// The client waits for the picture on its connection, and does not ask for the task afterwards.
  bool attached = false;

  [[nodiscard]] std::size_t bytes() const { return image.size() + mask.size(); }
};

}  // namespace inpaintd::gateway
