// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace inpaintd {

/// `value` as JSON in one line. Bytes that are not UTF-8 become U+FFFD. Throws std::bad_alloc.
inline std::string json_text(const nlohmann::ordered_json& value) {
  return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace inpaintd
