// SPDX-License-Identifier: Apache-2.0
#include "gateway/routes.h"

#include <algorithm>

namespace inpaintd::gateway {
namespace {

/// Takes the part up to the next slash from the start of `rest`.
std::string_view take_part(std::string_view& rest) {
  rest.remove_prefix(std::min<std::size_t>(1, rest.size()));  // the slash
  const std::string_view part = rest.substr(0, rest.find('/'));
  rest.remove_prefix(part.size());
  return part;
}

}  // namespace

bool matches(std::string_view pattern, std::string_view path) {
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = take_part(pattern), given = take_part(path);
    if (wanted == "*" ? given.empty() : wanted != given) return false;
  }
  return pattern.empty() && path.empty();
}

std::string_view part(std::string_view path, int index) {
  std::string_view found;
  for (int i = 0; i <= index; ++i) found = take_part(path);
  return found;
}

}  // namespace inpaintd::gateway
