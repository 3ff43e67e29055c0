// SPDX-License-Identifier: Apache-2.0
#include "core/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace inpaintd {
namespace {

constexpr std::array duration_units{Unit{"h", 3'600'000}, Unit{"min", 60'000}, Unit{"s", 1000}, Unit{"ms", 1}};

}  // namespace

std::optional<std::int64_t> parse_with_unit(std::string_view text, std::span<const Unit> units) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_number<std::int64_t>(text.substr(0, digits));
  if (!number) return std::nullopt;
  const auto unit = std::ranges::find(units, text.substr(digits), &Unit::name);
  if (unit == units.end() || *number > std::numeric_limits<std::int64_t>::max() / unit->factor) return std::nullopt;
  return *number * unit->factor;
}

std::string text_with_unit(std::int64_t value, std::span<const Unit> units) {
  const auto fits = [value](const Unit& unit) { return value != 0 && value % unit.factor == 0; };
  const auto unit = std::find_if(units.begin(), units.end() - 1, fits);
  return fmt::format("{}{}", value / unit->factor, unit->name);
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto value = parse_with_unit(text, duration_units);
  if (!value) return std::nullopt;
  return std::chrono::milliseconds(*value);
}

std::string duration_text(std::chrono::milliseconds value) { return text_with_unit(value.count(), duration_units); }

std::string size_text(Size size) { return fmt::format("{}x{}", size.width, size.height); }

std::optional<Size> parse_size(std::string_view text) {
  const auto cross = text.find('x');
  if (cross == std::string_view::npos) return std::nullopt;
  const auto width = parse_number<int>(text.substr(0, cross));
  const auto height = parse_number<int>(text.substr(cross + 1));
  if (!width || !height) return std::nullopt;
  return Size{*width, *height};
}

}  // namespace inpaintd
