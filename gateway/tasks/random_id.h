// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace inpaintd::gateway {

/// 128 bits from the system's random numbers, as 32 hexadecimal digits.
std::string random_id();

/// True for a text of the same form.
constexpr bool is_random_id(std::string_view text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// FNV-1a.
constexpr std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xcbf29ce484222325;
  for (char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return value;
}

/// What logs call a task: 8 hexadecimal digits. They leave 96 of the id's bits unknown, so a reader of the log cannot
/// read the task.
std::string log_name(std::string_view id);

}  // namespace inpaintd::gateway
