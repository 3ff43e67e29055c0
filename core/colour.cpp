// SPDX-License-Identifier: Apache-2.0
#include "core/colour.h"

#include <fmt/format.h>

#include <charconv>
#include <system_error>

namespace inpaintd {

std::optional<Colour> colour_from_text(std::string_view text) {
  if (text.size() != 7 || text.front() != '#') return std::nullopt;
  std::uint32_t value = 0;
  const auto [end, failure] = std::from_chars(text.data() + 1, text.data() + text.size(), value, 16);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return Colour{static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 8),
                static_cast<std::uint8_t>(value)};
}

std::string text_of(Colour colour) { return fmt::format("#{:02x}{:02x}{:02x}", colour.red, colour.green, colour.blue); }

}  // namespace inpaintd
