// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace inpaintd::tools {

/// Returns the text of a JSON file: indented, with a newline at the end. NaN and infinity become null. Bytes that are
/// not UTF-8 become U+FFFD.
inline std::string json_text(const nlohmann::ordered_json& value) {
  return value.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace inpaintd::tools
