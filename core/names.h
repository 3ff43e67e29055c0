// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace inpaintd {

/// Specialise with `static constexpr std::array names{...}`, the strings of E's enumerators in order. The same strings
/// are used on the wire, on command lines and in the configuration.
template <class E>
struct EnumNames;

/// The string of `value`.
template <class E>
constexpr std::string_view name(E value) {
  return EnumNames<E>::names[static_cast<std::size_t>(value)];
}

/// The enumerator whose string is `text`; nothing if there is none.
template <class E>
constexpr std::optional<E> from_name(std::string_view text) {
  for (std::size_t i = 0; i < EnumNames<E>::names.size(); ++i)
    if (EnumNames<E>::names[i] == text) return static_cast<E>(i);
  return std::nullopt;
}

/// All names of E as `a, b, c`, for messages and help.
template <class E>
std::string names_of() {
  std::string list;
  for (std::string_view each : EnumNames<E>::names) list.append(list.empty() ? "" : ", ").append(each);
  return list;
}

}  // namespace inpaintd
