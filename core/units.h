// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "core/pixels.h"

/// Numbers, durations and sizes as text, and back.
namespace inpaintd {

/// The number that `text` is, in decimal notation and nothing beside it; nothing for other text, and for a number that
/// T cannot hold. A sign is read for signed types, and only if it is a minus.
template <class T>
std::optional<T> parse_number(std::string_view text) {
  T number{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

struct Unit {
  std::string_view name;
  std::int64_t factor;  ///< how many of the smallest unit one unit is
};

/// Reads a whole number and the name of a unit, such as "5ms", in the smallest unit. Returns nothing for other text,
/// and for numbers that do not fit in 64 bits.
std::optional<std::int64_t> parse_with_unit(std::string_view text, std::span<const Unit> units);

/// The text that parse_with_unit() reads as `value`, in the largest unit without a fraction. `units` are in descending
/// order, and the last one has the factor 1.
std::string text_with_unit(std::int64_t value, std::span<const Unit> units);

/// Reads a whole number and one of the units h, min, s and ms: "5ms", "30s", "2min", "1h". Nothing for other text.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// The text that parse_duration() reads as `value`, in the largest unit without a fraction.
std::string duration_text(std::chrono::milliseconds value);

/// "WIDTHxHEIGHT".
std::string size_text(Size size);

/// Reads "WIDTHxHEIGHT". Nothing for other text; the numbers may have any sign.
std::optional<Size> parse_size(std::string_view text);

}  // namespace inpaintd
