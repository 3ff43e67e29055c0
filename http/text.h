// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The text of answers, as HTTP/1.1 wants it.
namespace inpaintd {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// `Thu, 26 Nov 2026 08:00:00 GMT`.
std::string http_date(std::chrono::system_clock::time_point time);

/// The line and the headers of an answer, with the empty line after them. Line breaks in a value become spaces.
std::string head_text(int status, std::string_view reason, const HeaderList& headers, const HeaderList& more);

/// `data` as one chunk.
std::string chunk(std::string_view data);
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace inpaintd
