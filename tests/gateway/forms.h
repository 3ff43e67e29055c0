// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

/// Requests as clients send them.
namespace inpaintd::test {

inline const std::string form_type = "multipart/form-data; boundary=XYZ";

/// A multipart/form-data body with these fields.
inline std::string form(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string body;
  for (const auto& [name, value] : fields)
    body += "--XYZ\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  return body + "--XYZ--\r\n";
}

}  // namespace inpaintd::test
