// SPDX-License-Identifier: Apache-2.0
#include "gateway/text/multipart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "http/header_value.h"

namespace inpaintd::gateway {
namespace {

constexpr std::size_t boundary_bytes_max = 70;  // RFC 2046
constexpr std::string_view line_end = "\r\n";

Error bad(std::string message) { return {ErrorCode::bad_request, std::move(message)}; }

/// What stands between two places that hold the delimiter.
class Reader {
 public:
  Reader(std::string_view body, std::string_view boundary)
      : delimiter_(fmt::format("\r\n--{}", boundary)), rest_(body) {}

  /// Leaves what stands before the first delimiter. False when there is none.
  bool begin() {
    const std::string_view first = std::string_view(delimiter_).substr(line_end.size());
    if (rest_.starts_with(first) && ends_delimiter(rest_.substr(first.size()))) {
      rest_.remove_prefix(first.size());
      return true;
    }
    return take_until_delimiter().has_value();
  }

  /// True behind the last delimiter, which two dashes follow.
  [[nodiscard]] bool at_end() const { return rest_.starts_with("--"); }

  /// Leaves the end of the delimiter's line. False where something else follows it.
  bool end_line() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
    if (!rest_.starts_with(line_end)) return false;
    rest_.remove_prefix(line_end.size());
    return true;
  }

  /// The headers of a part, each with its line's end; nothing where they do not end, or are too long.
  std::optional<std::string_view> take_headers() {
    if (rest_.starts_with(line_end)) {  // none
      rest_.remove_prefix(line_end.size());
      return std::string_view();
    }
    const std::size_t end = rest_.substr(0, part_header_bytes_max + 4).find("\r\n\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view headers = rest_.substr(0, end + line_end.size());
    rest_.remove_prefix(end + 4);
    return headers;
  }

  /// What stands before the next delimiter; nothing when there is none.
  std::optional<std::string_view> take_until_delimiter() {
    for (std::size_t from = 0;;) {
      const std::size_t found = rest_.find(delimiter_, from);
      if (found == std::string_view::npos) return std::nullopt;
      const std::string_view after = rest_.substr(found + delimiter_.size());
      if (ends_delimiter(after)) {
        const std::string_view data = rest_.substr(0, found);
        rest_ = after;
        return data;
      }
      from = found + 1;  // the delimiter is only the beginning of a longer line, which is data
    }
  }

 private:
  static bool ends_delimiter(std::string_view after) {
    return after.empty() || after.starts_with("--") || after.starts_with(line_end) || after.front() == ' ' ||
           after.front() == '\t';
  }

  const std::string delimiter_;
  std::string_view rest_;
};

/// Reads Content-Disposition, which has the names of a part. False where it is missing.
bool read_names(std::string_view headers, Part& part) {
  while (!headers.empty()) {
    const std::size_t end = headers.find(line_end);
    const std::string_view line = headers.substr(0, end);
    headers.remove_prefix(end + line_end.size());
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || lower_case(trimmed(line.substr(0, colon))) != "content-disposition")
      continue;
    const HeaderValue value = parse_header_value(line.substr(colon + 1));
    part.name = value.parameter("name");
    part.filename = value.parameter("filename");
    return value.value == "form-data" && !part.name.empty();
  }
  return false;
}

}  // namespace

Result<std::vector<Part>> parse_multipart(std::string_view body, std::string_view boundary) {
  if (boundary.empty() || boundary.size() > boundary_bytes_max)
    return bad("Content-Type has no usable boundary; write multipart/form-data; boundary=<1 to 70 characters>");
  Reader reader(body, boundary);
  if (!reader.begin()) return bad("the form has no part that begins with its boundary; check Content-Type");
  std::vector<Part> parts;
  while (!reader.at_end()) {
    if (parts.size() == parts_max) return bad(fmt::format("the form has more than {} parts; send fewer", parts_max));
    if (!reader.end_line()) return bad("the form is cut off after a boundary; send all of it");
    const auto headers = reader.take_headers();
    if (!headers)
      return bad(fmt::format("the headers of part {} have no end within {} bytes; send shorter ones", parts.size() + 1,
                             part_header_bytes_max));
    Part part;
    if (!read_names(*headers, part))
      return bad(
          fmt::format("part {} has no name; write Content-Disposition: form-data; name=\"image\"", parts.size() + 1));
    const auto data = reader.take_until_delimiter();
    if (!data) return bad("the form is cut off: its last part has no end; send all of it");
    part.data = *data;
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace inpaintd::gateway
