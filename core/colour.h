// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace inpaintd {

/// An opaque sRGB colour; white unless told otherwise.
struct Colour {
  std::uint8_t red = 255, green = 255, blue = 255;

  [[nodiscard]] bool is_grey() const { return red == green && green == blue; }
  friend bool operator==(const Colour&, const Colour&) = default;
};

/// The form of a colour in requests and on command lines, for error texts.
inline constexpr std::string_view colour_form = "a colour as #rrggbb, such as #ffffff";

/// Reads `#rrggbb`, with digits in upper or lower case. Returns nothing for other text.
std::optional<Colour> colour_from_text(std::string_view text);
/// Writes `#rrggbb`.
std::string text_of(Colour colour);

}  // namespace inpaintd
