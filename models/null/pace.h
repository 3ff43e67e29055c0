// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace inpaintd {

/// A whole number of us, ms or s: "700us", "20ms", "2s". Nothing when `text` is something else.
std::optional<std::chrono::microseconds> parse_time(std::string_view text);

/// How long an engine pretends to compute: a time for each batch, for each picture of it, and for each million pixels
/// of the network's inputs.
struct Pace {
  std::chrono::microseconds batch{};
  std::chrono::microseconds picture{};
  std::chrono::microseconds megapixel{};

  [[nodiscard]] std::chrono::microseconds time(std::size_t pictures, std::int64_t pixels = 0) const {
    return batch + picture * static_cast<std::int64_t>(pictures) + megapixel * pixels / 1'000'000;
  }
};

/// "20ms": each batch; "4ms+700us": and each picture; "20ms+5ms+19ms/MP" or "20ms+19ms/MP": and each million pixels.
/// Empty text is no time at all.
std::optional<Pace> parse_pace(std::string_view text);

}  // namespace inpaintd
