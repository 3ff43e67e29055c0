// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "bus/wire/wire.h"

/// Literal messages and readable results for the tests of bus/wire/wire.h.
namespace inpaintd::test {

/// The bytes of a literal such as "81 a2'id' a1'x'": hexadecimal, with ASCII between quotes. The result is a vector, so
/// that sanitizers notice a read past its end.
inline std::vector<std::uint8_t> bytes(std::string_view literal) {
  std::vector<std::uint8_t> out;
  for (std::size_t i = 0; i < literal.size(); ++i) {
    if (literal[i] == ' ') continue;
    if (literal[i] == '\'') {
      for (++i; literal[i] != '\''; ++i) out.push_back(static_cast<std::uint8_t>(literal[i]));
    } else {
      out.push_back(static_cast<std::uint8_t>(std::strtoul(std::string(literal.substr(i, 2)).c_str(), nullptr, 16)));
      ++i;
    }
  }
  return out;
}

inline std::vector<std::uint8_t> copy(const std::string& text) { return {text.begin(), text.end()}; }

inline std::string text(Bytes data) {
  std::string out;
  for (std::uint8_t byte : data) out.append({"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]});
  return out;
}

inline std::string text(const Rect& r) {
  return std::string("[") + std::to_string(r.x) + "," + std::to_string(r.y) + "," + std::to_string(r.width) + "," +
         std::to_string(r.height) + "]";
}
inline std::string text(const EncodedFile& file) { return std::string("file ") + text(file.data); }
inline std::string text(const RawPixels& raw) {
  return std::string("raw ") + std::to_string(raw.width) + "x" + std::to_string(raw.height) + " " + text(raw.data);
}
inline std::string text(const BitMask& bits) {
  return std::string("bits ") + std::to_string(bits.width) + "x" + std::to_string(bits.height) + " " + text(bits.data);
}
inline std::string text(const RectMask& mask) {
  std::string out = "rects ";
  for (const Rect& rect : mask.rects) out += text(rect);
  return out;
}

inline std::string text(const std::string& key, const std::optional<ObjectName>& object) {
  return object ? key + object->bucket + ":" + object->name : "";
}

/// A request in one line: id | image | mask | timeout progress | options.
inline std::string text(const Request& request) {
  const auto source = [](const auto& form) { return text(form); };
  const Options& o = request.options;
  return request.id + " | " + std::visit(source, request.image) + text(" at ", request.image_at) + " | " +
         std::visit(source, request.mask) + text(" at ", request.mask_at) + " | " +
         (request.timeout ? std::to_string(request.timeout->count()) : "-") + (request.progress ? " progress" : "") +
         " | " + std::string(name(o.format)) + " " + (o.quality ? std::to_string(*o.quality) : "-") + " " +
         std::string(name(o.region)) + " " + std::string(name(o.strategy)) + " " + std::to_string(o.dilate) + " " +
         std::to_string(o.feather) + (o.lossless ? (*o.lossless ? " lossless" : " lossy") : "") +
         (o.mask_values == MaskValues::automatic ? "" : " " + std::string(name(o.mask_values))) +
         (o.alpha == AlphaFill::keep ? "" : " alpha:" + std::string(name(o.alpha))) +
         (o.background == Colour{} ? "" : " " + text_of(o.background)) + text(" result:", request.result);
}

/// A reply with a value of its own in each key; `image` must outlive it.
inline wire::Done sample_done(Bytes image) {
  using std::chrono::microseconds;
  return {.id = "r1",
          .image = image,
          .format = Format::webp,
          .size = {300, 200},
          .region = {10, 20, 30, 40},
          .timings = {microseconds(1), microseconds(2), microseconds(3), microseconds(4), microseconds(70000)},
          .batch_size = 8,
          .device = "cpu",
          .model = "lama",
          .cached = true,
          .service = "S1"};
}

/// The seed of a random test: INPAINTD_TEST_SEED, or a new one.
inline std::uint32_t seed() {
  const char* given = std::getenv("INPAINTD_TEST_SEED");
  return given != nullptr ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
}

}  // namespace inpaintd::test
