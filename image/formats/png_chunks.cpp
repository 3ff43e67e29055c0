// SPDX-License-Identifier: Apache-2.0
#include "image/formats/png_chunks.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

namespace inpaintd {
namespace {

constexpr std::size_t signature_bytes = 8, number_bytes = 4, name_bytes = 4;
constexpr std::size_t around_data = number_bytes + name_bytes + number_bytes;

void append_number(std::string& to, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) to += static_cast<char>(number >> shift & 0xFF);
}

void append(std::string& to, Bytes bytes) { to.append(reinterpret_cast<const char*>(bytes.data()), bytes.size()); }

std::uint32_t checksum_of(Bytes bytes) {
  return static_cast<std::uint32_t>(crc32(0, bytes.data(), static_cast<uInt>(bytes.size())));
}

bool is_pixels(const PngChunk& chunk) { return chunk.name == "IDAT"; }

/// Header, palette and transparency, which belong to the pixels.
bool is_form(const PngChunk& chunk) { return chunk.name == "IHDR" || chunk.name == "PLTE" || chunk.name == "tRNS"; }

}  // namespace

std::uint32_t png_number(Bytes bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 | std::uint32_t{bytes[at + 2]} << 8 |
         std::uint32_t{bytes[at + 3]};
}

std::vector<PngChunk> png_chunks(Bytes file) {
  std::vector<PngChunk> chunks;
  for (std::size_t at = signature_bytes; at < file.size() && file.size() - at >= around_data;) {
    const std::size_t length = png_number(file, at);
    if (length > file.size() - at - around_data) break;
    const std::string_view name(reinterpret_cast<const char*>(file.data()) + at + number_bytes, name_bytes);
    if (name == "IEND") break;
    const PngChunk chunk{name, file.subspan(at + number_bytes + name_bytes, length),
                         file.subspan(at, length + around_data)};
    const Bytes summed = chunk.whole.subspan(number_bytes, name_bytes + length);
    if (is_pixels(chunk) || checksum_of(summed) == png_number(chunk.whole, length + around_data - number_bytes))
      chunks.push_back(chunk);
    at += length + around_data;
  }
  return chunks;
}

Bytes png_chunk(const std::vector<PngChunk>& chunks, std::string_view name) {
  const auto found = std::ranges::find(chunks, name, &PngChunk::name);
  return found == chunks.end() ? Bytes() : found->data;
}

bool stays_true(const PngChunk& chunk) {
  constexpr std::array<std::string_view, 10> of_the_picture{"gAMA", "cHRM", "sRGB", "iCCP", "cICP",
                                                            "mDCV", "cLLI", "sBIT", "bKGD", "tIME"};
  constexpr std::array<std::string_view, 2> of_the_whole{"sPLT", "sCAL"};
  constexpr char lower_case = 0x20;
  if ((chunk.name[0] & lower_case) == 0) return false;  // critical
  if ((chunk.name[3] & lower_case) != 0) return true;   // safe to copy
  return std::ranges::count(of_the_picture, chunk.name) + std::ranges::count(of_the_whole, chunk.name) > 0;
}

std::string make_png_chunk(std::string_view name, std::string_view data) {
  std::string chunk;
  append_number(chunk, static_cast<std::uint32_t>(data.size()));
  chunk.append(name).append(data);
  append_number(chunk, checksum_of(as_bytes(chunk).subspan(number_bytes)));
  return chunk;
}

std::string with_chunks_of(std::string_view encoded, const std::vector<PngChunk>& source,
                           const std::vector<std::string_view>& left_out) {
  const auto pixels = std::ranges::find_if(source, is_pixels);
  const auto palette = std::find_if(source.begin(), pixels, [](const PngChunk& each) { return each.name == "PLTE"; });
  const auto own = png_chunks(as_bytes(encoded));
  std::string file(encoded.substr(0, signature_bytes));
  const auto copy = [&](auto begin, auto end) {
    for (; begin != end; ++begin)
      if (stays_true(*begin) && !is_form(*begin) && std::ranges::count(left_out, begin->name) == 0)
        append(file, begin->whole);
  };
  const auto add_own = [&](std::string_view name) {
    for (const PngChunk& each : own)
      if (each.name == name) append(file, each.whole);
  };
  add_own("IHDR");
  copy(source.begin(), palette);
  add_own("PLTE");
  add_own("tRNS");
  copy(palette, pixels);
  add_own("IDAT");
  copy(pixels, source.end());
  file += make_png_chunk("IEND", "");
  return file;
}

}  // namespace inpaintd
