// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace inpaintd {

/// A whole number of us, ms or s: "700us", "20ms", "2s". Nothing when `text` is something else.
std::optional<std::chrono::microseconds> parse_time(std::string_view text);

/// How long an engine takes that only pretends: a fixed part for a batch, and a part for each picture of it.
struct Pace {
  std::chrono::microseconds batch{};
  std::chrono::microseconds picture{};

  [[nodiscard]] std::chrono::microseconds time(std::size_t pictures) const {
    return batch + picture * static_cast<std::chrono::microseconds::rep>(pictures);
  }
};

/// "20ms": each batch; "4ms+700us": and each picture. Empty text is no time at all.
std::optional<Pace> parse_pace(std::string_view text);

}  // namespace inpaintd
