// SPDX-License-Identifier: Apache-2.0
#include "bus/nkey.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <memory>
#include <span>

// An NKey is the base32 text (RFC 4648, without padding) of a prefix, an Ed25519 key of 32 bytes, and a CRC-16 with its
// low byte first. The prefix of a seed has two bytes, which hold five bits for "seed" and eight for the kind of key.
namespace inpaintd {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t key_bytes = 32;
constexpr std::uint8_t seed_prefix = 18 << 3;  // 'S'
constexpr std::uint8_t user_prefix = 20 << 3;  // 'U'
constexpr std::size_t seed_characters = 58;

using Seed = std::array<std::uint8_t, 2 + key_bytes + 2>;
using PublicKey = std::array<std::uint8_t, 1 + key_bytes + 2>;

std::uint16_t crc16(std::span<const std::uint8_t> bytes) {
  std::uint16_t crc = 0;
  for (std::uint8_t byte : bytes) {
    crc ^= static_cast<std::uint16_t>(byte << 8);
    for (int bit = 0; bit < 8; ++bit)
      crc = static_cast<std::uint16_t>((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1);
  }
  return crc;
}

bool decode_base32(std::string_view text, std::span<std::uint8_t> out) {
  std::uint32_t bits = 0;
  int count = 0;
  std::size_t filled = 0;
  for (char c : text) {
    const auto digit = alphabet.find(c);
    if (digit == std::string_view::npos) return false;
    bits = (bits << 5) | static_cast<std::uint32_t>(digit);
    count += 5;
    if (count < 8) continue;
    count -= 8;
    if (filled == out.size()) return false;
    out[filled++] = static_cast<std::uint8_t>(bits >> count);
  }
  return filled == out.size();
}

std::string encode_base32(std::span<const std::uint8_t> bytes) {
  std::string text;
  std::uint32_t bits = 0;
  int count = 0;
  for (std::uint8_t byte : bytes) {
    bits = (bits << 8) | byte;
    for (count += 8; count >= 5; count -= 5) text += alphabet[(bits >> (count - 5)) & 31];
  }
  if (count > 0) text += alphabet[(bits << (5 - count)) & 31];
  return text;
}

bool is_user_seed(const Seed& seed) {
  const auto kind = static_cast<std::uint8_t>(((seed[0] & 7) << 5) | (seed[1] >> 3));
  const std::uint16_t crc = crc16(std::span(seed).first(2 + key_bytes));
  return (seed[0] & 0xF8) == seed_prefix && kind == user_prefix && seed[34] == (crc & 0xFF) && seed[35] == crc >> 8;
}

bool derive(const std::uint8_t* private_key, std::uint8_t* public_key) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, private_key, key_bytes), EVP_PKEY_free);
  std::size_t size = key_bytes;
  return key && EVP_PKEY_get_raw_public_key(key.get(), public_key, &size) == 1 && size == key_bytes;
}

}  // namespace

Result<std::string> nkey_public_key(std::string_view text) {
  Seed seed{};
  PublicKey key{user_prefix};
  const bool ok = text.size() == seed_characters && decode_base32(text, seed) && is_user_seed(seed) &&
                  derive(seed.data() + 2, key.data() + 1);
  OPENSSL_cleanse(seed.data(), seed.size());
  if (!ok)
    return Error{ErrorCode::internal,
                 "the text is not a user's NKey seed (SU..., 58 characters); check it for a wrong character"};
  const std::uint16_t crc = crc16(std::span(key).first(1 + key_bytes));
  key[33] = static_cast<std::uint8_t>(crc & 0xFF);
  key[34] = static_cast<std::uint8_t>(crc >> 8);
  return encode_base32(key);
}

Result<std::string> read_nkey_seed(const std::string& file) {
  std::ifstream in(file);
  if (!in)
    return Error{ErrorCode::internal, fmt::format("nkey seed file {} cannot be read: {}", file, std::strerror(errno))};
  std::string line;
  while (std::getline(in, line))
    if (line.starts_with("SU") && line.size() >= seed_characters) return line.substr(0, seed_characters);
  return Error{ErrorCode::internal,
               fmt::format("nkey seed file {} has no line that starts with SU; write a user's seed into it", file)};
}

}  // namespace inpaintd
