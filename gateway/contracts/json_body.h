// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace inpaintd::gateway {

inline constexpr std::size_t json_depth_max = 16;
inline constexpr std::size_t json_members_max = 256;

/// The JSON object of a request: its two pictures, decoded, and its other members.
struct JsonBody {
  std::string image;
  std::string mask;
  std::vector<std::pair<std::string, std::string>> fields;  ///< numbers, texts and booleans as text, without nulls
  std::vector<std::string> nested;                          ///< names of members that are objects or arrays
};

/// Reads an object whose members `image` and `mask` are data URLs or base64 text. Pictures are decoded while the text
/// is read, so the text of at most one of them is in memory twice. An object may have `json_members_max` members in
/// all, nested `json_depth_max` deep. Errors: bad_request.
Result<JsonBody> read_json_body(std::string_view text);

}  // namespace inpaintd::gateway
