// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace inpaintd {

/// A header value of the form `value; name=text; name="quoted text"`, as Content-Type and Content-Disposition have.
struct HeaderValue {
  std::string value;                                            ///< in lower case
  std::vector<std::pair<std::string, std::string>> parameters;  ///< names in lower case

  /// Empty when there is no such parameter.
  [[nodiscard]] std::string_view parameter(std::string_view name) const;
};

/// Reads as much as can be understood; at most 16 parameters.
HeaderValue parse_header_value(std::string_view text);

/// ASCII letters in lower case.
std::string lower_case(std::string_view text);
/// Without spaces and tabs around it.
std::string_view trimmed(std::string_view text);

}  // namespace inpaintd
