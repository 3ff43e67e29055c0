// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace inpaintd {

/// What a client should know about an answer that is no error, such as a mask without a hole. `code` is for programs,
/// `message` for people.
struct Note {
  std::string code;
  std::string message;

  friend bool operator==(const Note&, const Note&) = default;
};

/// The codes, as in docs/protocol.md.
namespace note_codes {
inline constexpr std::string_view mask_empty = "mask_empty";
inline constexpr std::string_view mask_alpha = "mask_alpha";
inline constexpr std::string_view mask_nonzero = "mask_nonzero";
inline constexpr std::string_view flattened = "flattened";
inline constexpr std::string_view recoded = "recoded";
inline constexpr std::string_view previews_dropped = "previews_dropped";
inline constexpr std::string_view trailer_kept = "trailer_kept";
}  // namespace note_codes

}  // namespace inpaintd
