// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/verify.h"

#include <cstdint>
#include <cstdlib>

namespace inpaintd::tools {
namespace {

constexpr double lossy_difference_max = 8;  // mean, in levels of 255; a JPEG encoded twice stays well below it

bool is_hole(const DrawnMask& mask, int x, int y) {
  const auto stride = static_cast<std::size_t>((mask.size.width + 7) / 8);
  return (mask.bits[static_cast<std::size_t>(y) * stride + static_cast<std::size_t>(x / 8)] >> (7 - x % 8) & 1) != 0;
}

/// Mean absolute difference of the samples in `region` that are not in a hole.
double difference(const Pixels& sent, const Pixels& answer, const DrawnMask& mask, const Rect& region) {
  std::int64_t sum = 0;
  std::int64_t count = 0;
  for (int y = 0; y < region.height; ++y) {
    const std::uint8_t* ours = sent.row(region.y + y) + static_cast<std::ptrdiff_t>(region.x) * 3;
    const std::uint8_t* theirs = answer.row(y);
    for (int x = 0; x < region.width; ++x) {
      if (is_hole(mask, region.x + x, region.y + y)) continue;
      for (int c = 0; c < 3; ++c) sum += std::abs(ours[x * 3 + c] - theirs[x * 3 + c]);
      count += 3;
    }
  }
  return count == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(count);
}

}  // namespace

std::optional<std::string> find_fault(const LoadPicture& picture, const DrawnMask& mask, const wire::Done& done) {
  const Rect& region = done.region;
  if (region.x < 0 || region.y < 0 || region.width > picture.size.width - region.x ||
      region.height > picture.size.height - region.y)
    return "the answer's region is not inside the picture";
  if (done.size.width != region.width || done.size.height != region.height)
    return "the answer's size differs from that of its region";
  const auto sent = decode_picture(picture.format, picture.size, as_bytes(picture.bytes));
  if (!sent) return "the picture that was sent cannot be decoded: " + sent.error().message;
  const auto answer = decode_picture(done.format, done.size, done.image);
  if (!answer) return "the answer cannot be decoded: " + answer.error().message;
  if (answer->rgb.size() != done.size) return "the answer's picture does not have the size that the answer states";
  const bool lossy = answer->coding.quality.has_value();
  if (difference(sent->rgb, answer->rgb, mask, region) > (lossy ? lossy_difference_max : 0))
    return "pixels outside of the holes differ from those that were sent";
  return std::nullopt;
}

}  // namespace inpaintd::tools
