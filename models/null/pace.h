// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace inpaintd {

/// Reads a whole number of us, ms or s, at most an hour: "700us", "20ms", "2s". Returns nothing for any other text.
std::optional<std::chrono::microseconds> parse_time(std::string_view text);

/// The time of a run of the null engine: a part for the batch, a part for each of its pictures, and a part for each
/// million pixels of its pictures.
struct Pace {
  std::chrono::microseconds batch{};
  std::chrono::microseconds picture{};
  std::chrono::microseconds megapixel{};

  [[nodiscard]] std::chrono::microseconds time(std::size_t pictures, std::int64_t pixels = 0) const {
    return batch + picture * static_cast<std::int64_t>(pictures) +
           megapixel * (pixels / 1000) / 1000;  // an hour for 2^33 pixels must not overflow
  }
};

/// Reads "20ms", a time per batch; "4ms+700us", a time per batch and one per picture; or with one per million pixels,
/// "20ms+5ms+19ms/MP" or "20ms+19ms/MP". Empty text means no time. Returns nothing for any other text.
std::optional<Pace> parse_pace(std::string_view text);

}  // namespace inpaintd
