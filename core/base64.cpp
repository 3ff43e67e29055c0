// SPDX-License-Identifier: Apache-2.0
#include "core/base64.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace inpaintd {
namespace {

constexpr std::uint8_t skipped = 64;
constexpr std::uint8_t padding = 65;
constexpr std::uint8_t invalid = 255;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  for (auto& value : values) value = invalid;
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  values['-'] = 62;
  values['_'] = 63;
  for (char c : {' ', '\t', '\r', '\n'}) values[static_cast<unsigned char>(c)] = skipped;
  values['='] = padding;
  return values;
}

constexpr auto values = make_values();

Error bad(std::string message) { return {ErrorCode::bad_request, std::move(message)}; }

}  // namespace

Result<std::string> decode_base64(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t group = 0;
  int digits = 0;  // in `group`
  bool ended = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint8_t value = values[static_cast<unsigned char>(text[i])];
    if (value == skipped) continue;
    if (value == padding) {
      ended = true;
      continue;
    }
    if (value == invalid)
      return bad(fmt::format("character {} is not base64; encode the file's bytes as RFC 4648 says", i));
    if (ended) return bad("the base64 text goes on after its padding; send one file");
    group = group << 6 | value;
    if (++digits < 4) continue;
    bytes += static_cast<char>(group >> 16);
    bytes += static_cast<char>(group >> 8);
    bytes += static_cast<char>(group);
    group = 0;
    digits = 0;
  }
  if (digits == 1) return bad("the base64 text is cut off; send all of it");
  if (digits == 2) bytes += static_cast<char>(group >> 4);
  if (digits == 3) {
    bytes += static_cast<char>(group >> 10);
    bytes += static_cast<char>(group >> 2);
  }
  return bytes;
}

}  // namespace inpaintd
