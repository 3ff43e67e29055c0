// SPDX-License-Identifier: Apache-2.0
#include "models/null/pace.h"

#include <charconv>
#include <cstdint>

namespace inpaintd {

using namespace std::chrono_literals;

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
  constexpr std::string_view per_megapixel = "/MP";
  if (text.empty()) return Pace{};
  std::optional<std::chrono::microseconds> batch, picture, megapixel;
  while (true) {
    const auto plus = text.find('+');
    std::string_view part = text.substr(0, plus);
    const bool of_pixels = part.ends_with(per_megapixel);
    if (of_pixels) part.remove_suffix(per_megapixel.size());
    auto& time = of_pixels ? megapixel : batch ? picture : batch;
    if (time || megapixel || (of_pixels && !batch)) return std::nullopt;  // the time of the pixels is the last part
    time = parse_time(part);
    if (!time) return std::nullopt;
    if (plus == text.npos) break;
    text.remove_prefix(plus + 1);
  }
  return Pace{*batch, picture.value_or(0us), megapixel.value_or(0us)};
}

}  // namespace inpaintd
