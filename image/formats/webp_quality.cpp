// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string_view>

#include "image/formats/formats.h"

namespace inpaintd {
namespace {

/// The boolean decoder of VP8 (RFC 6386, section 7.3) for header fields, whose bits have equal probability. It reads
/// zeros after the end of the data.
class HeaderBits {
 public:
  explicit HeaderBits(Bytes data) : data_(data) {
    value_ = next() << 8;
    value_ |= next();
  }

  int read(int bits) {
    int value = 0;
    while (bits-- > 0) value = value << 1 | read_bit();
    return value;
  }
  int read_signed(int bits) {
    const int value = read(bits);
    return read(1) != 0 ? -value : value;
  }
  /// Reads a field that is present if the bit before it is 1.
  int read_optional(int bits, bool with_sign) {
    if (read(1) == 0) return 0;
    return with_sign ? read_signed(bits) : read(bits);
  }

 private:
  unsigned next() { return at_ < data_.size() ? data_[at_++] : 0U; }

  int read_bit() {
    const unsigned split = 1 + (range_ - 1) / 2;
    const bool bit = value_ >= split << 8;
    if (bit) value_ -= split << 8;
    range_ = bit ? range_ - split : split;
    for (; range_ < 128; range_ *= 2) {
      value_ *= 2;
      if (++shifted_ < 8) continue;
      shifted_ = 0;
      value_ |= next();
    }
    return bit ? 1 : 0;
  }

  Bytes data_;
  std::size_t at_ = 0;
  unsigned value_ = 0;  // two bytes
  unsigned range_ = 255;
  int shifted_ = 0;
};

/// The mean quantiser over the segments of a key frame, 0..127 (RFC 6386, sections 9.2 to 9.6).
double quantiser_of(Bytes first_partition) {
  constexpr int segments = 4;
  HeaderBits bits(first_partition);
  bits.read(2);  // colour space, clamping
  double sum = 0;
  bool absolute = false;
  if (bits.read(1) != 0) {
    const bool has_map = bits.read(1) != 0;
    if (bits.read(1) != 0) {
      absolute = bits.read(1) != 0;
      for (int i = 0; i < segments; ++i) sum += bits.read_optional(7, true);
      for (int i = 0; i < segments; ++i) bits.read_optional(6, true);  // loop filter
    }
    for (int i = 0; has_map && i < 3; ++i) bits.read_optional(8, false);
  }
  bits.read(1 + 6 + 3);  // loop filter: type, level, sharpness
  if (bits.read(1) != 0 && bits.read(1) != 0)
    for (int i = 0; i < 8; ++i) bits.read_optional(6, true);
  bits.read(2);  // number of partitions
  const int base = bits.read(7);
  return std::clamp(absolute ? sum / segments : base + sum / segments, 0.0, 127.0);
}

}  // namespace

std::optional<int> webp_quality(Bytes chunks) {
  constexpr std::size_t chunk_head = 8, frame_head = 10;
  const auto name_at = [&](std::size_t at) {
    return std::string_view(reinterpret_cast<const char*>(chunks.data()) + at, 4);
  };
  std::size_t at = 0;
  if (chunks.size() < chunk_head) return std::nullopt;
  if (name_at(0) == "ALPH") {
    std::size_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) size |= std::size_t{chunks[4 + i]} << (8 * i);
    at = chunk_head + size + size % 2;
  }
  if (at + chunk_head + frame_head > chunks.size() || name_at(at) != "VP8 ") return std::nullopt;
  // The encoder of libwebp computes the quantiser from the quality with this formula (QualityToCompression,
  // VP8SetSegmentParams).
  const double compression = 1 - quantiser_of(chunks.subspan(at + chunk_head + frame_head)) / 127;
  const double linear = std::pow(compression, 3);
  const double quality = linear < 0.5 ? linear * 1.5 : (linear + 1) / 2;
  return std::clamp(static_cast<int>(std::lround(100 * quality)), 1, 100);
}

}  // namespace inpaintd
