// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace inpaintd::tools {

/// The text of a JSON file: indented, with a line's end after it. NaN and infinity are null. A byte that is not UTF-8
/// is replaced.
inline std::string json_text(const nlohmann::ordered_json& value) {
  return value.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace inpaintd::tools
