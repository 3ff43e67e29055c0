// SPDX-License-Identifier: Apache-2.0
#include "core/text.h"

#include <algorithm>
#include <numeric>

namespace inpaintd {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (char letter : a) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (letter == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> words) {
  return *std::ranges::min_element(words, {}, [word](std::string_view each) { return edit_distance(word, each); });
}

std::vector<std::string> split_list(std::string_view text) {
  constexpr std::string_view blanks = " \t\n\v\f\r";
  std::vector<std::string> list;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view element = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    element.remove_prefix(std::min(element.find_first_not_of(blanks), element.size()));
    element.remove_suffix(element.size() - (element.find_last_not_of(blanks) + 1));
    if (!element.empty()) list.emplace_back(element);
  }
  return list;
}

std::string without_secrets(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" ,'\"()"), text.size());
    const std::string_view word = text.substr(0, end);
    const std::size_t scheme = word.find("://");
    const std::size_t start = scheme == std::string_view::npos ? 0 : scheme + 3;
    const std::size_t at = word.rfind('@');
    if (at == std::string_view::npos || at < start) {
      shown += word;
    } else {
      const std::size_t colon = word.find(':', start);
      shown += word.substr(0, colon < at ? colon + 1 : start);
      shown.append("***").append(word.substr(at));
    }
    if (end < text.size()) shown += text[end];
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return shown;
}

}  // namespace inpaintd
