// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace inpaintd::gateway {

/// One field of a form; `data` points into the body.
struct Part {
  std::string name;
  std::string filename;  ///< empty for a field without a file
  std::string_view data;
};

inline constexpr std::size_t parts_max = 128;
inline constexpr std::size_t part_header_bytes_max = 4096;

/// The parts of a multipart/form-data body (RFC 7578), in order. `boundary` is the parameter of Content-Type: 1 to 70
/// characters. At most `parts_max` parts; the headers of one part have at most `part_header_bytes_max` bytes.
/// Errors: bad_request, naming the fault.
Result<std::vector<Part>> parse_multipart(std::string_view body, std::string_view boundary);

}  // namespace inpaintd::gateway
