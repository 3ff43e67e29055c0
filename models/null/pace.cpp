// SPDX-License-Identifier: Apache-2.0
#include "models/null/pace.h"

#include <array>

#include "core/units.h"

namespace inpaintd {

using namespace std::chrono_literals;

std::optional<std::chrono::microseconds> parse_time(std::string_view text) {
  constexpr std::array units{Unit{"s", 1'000'000}, Unit{"ms", 1000}, Unit{"us", 1}};
  const auto time = parse_with_unit(text, units);
  if (!time || std::chrono::microseconds(*time) > 1h) return std::nullopt;
  return std::chrono::microseconds(*time);
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
