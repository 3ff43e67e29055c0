// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace inpaintd {

/// The path of a request's target and the pairs of its query, percent-decoded.
struct HttpTarget {
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;

  /// The first value of `name`; nothing when the query has no such name.
  [[nodiscard]] std::optional<std::string_view> value(std::string_view name) const;
};

/// Reads a target in origin form, such as `/tasks/1?a=b`. Nothing when it is in another form, when an escape is
/// malformed, or when the path holds a NUL. At most 256 pairs are read.
std::optional<HttpTarget> parse_target(std::string_view target);

}  // namespace inpaintd
