// SPDX-License-Identifier: Apache-2.0
#include "models/null/pace.h"

#include <charconv>
#include <cstdint>

namespace inpaintd {

std::optional<std::chrono::microseconds> parse_time(std::string_view text) {
  constexpr std::int64_t hour_us = 3'600'000'000;
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || number < 0) return std::nullopt;
  const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  const std::int64_t scale = unit == "us" ? 1 : unit == "ms" ? 1000 : unit == "s" ? 1'000'000 : 0;
  if (scale == 0 || number > hour_us / scale) return std::nullopt;
  return std::chrono::microseconds(number * scale);
}

std::optional<Pace> parse_pace(std::string_view text) {
  if (text.empty()) return Pace{};
  const auto plus = text.find('+');
  const auto batch = parse_time(text.substr(0, plus));
  const auto picture = plus == text.npos ? std::chrono::microseconds(0) : parse_time(text.substr(plus + 1));
  if (!batch || !picture) return std::nullopt;
  return Pace{*batch, *picture};
}

}  // namespace inpaintd
