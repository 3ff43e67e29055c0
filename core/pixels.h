// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace inpaintd {

struct Size {
  int width = 0;
  int height = 0;

  friend bool operator==(const Size&, const Size&) = default;
  friend auto operator<=>(const Size&, const Size&) = default;
};

/// Axis-aligned, in pixels; x and y name the top left pixel.
struct Rect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;

  [[nodiscard]] int right() const { return x + width; }
  [[nodiscard]] int bottom() const { return y + height; }
  [[nodiscard]] bool empty() const { return width <= 0 || height <= 0; }
  friend bool operator==(const Rect&, const Rect&) = default;
};

/// 8-bit samples, [height, width, channels], rows without gaps. Colour is RGB; a mask has one channel.
struct Pixels {
  int width = 0;
  int height = 0;
  int channels = 0;
  std::vector<std::uint8_t> bytes;

  Pixels() = default;
  Pixels(int width, int height, int channels, std::uint8_t value = 0)
      : width(width),
        height(height),
        channels(channels),
        bytes(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * static_cast<std::size_t>(channels),
              value) {}

  [[nodiscard]] Size size() const { return {width, height}; }
  [[nodiscard]] bool empty() const { return bytes.empty(); }
  [[nodiscard]] std::size_t stride() const {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(channels);
  }
  [[nodiscard]] std::uint8_t* row(int y) { return bytes.data() + static_cast<std::size_t>(y) * stride(); }
  [[nodiscard]] const std::uint8_t* row(int y) const { return bytes.data() + static_cast<std::size_t>(y) * stride(); }

  friend bool operator==(const Pixels&, const Pixels&) = default;
};

/// The bounding box of all non-zero samples of a one-channel `mask`; empty when there is none.
inline Rect bounding_box(const Pixels& mask) {
  int left = mask.width, top = mask.height, right = 0, bottom = 0;
  for (int y = 0; y < mask.height; ++y) {
    const std::uint8_t* begin = mask.row(y);
    const std::uint8_t* end = begin + mask.width;
    const std::uint8_t* first = std::find_if(begin, end, [](std::uint8_t v) { return v != 0; });
    if (first == end) continue;
    const std::uint8_t* last = end;
    while (last[-1] == 0) --last;
    left = std::min(left, static_cast<int>(first - begin));
    right = std::max(right, static_cast<int>(last - begin));
    top = std::min(top, y);
    bottom = y + 1;
  }
  if (right == 0) return {};
  return {left, top, right - left, bottom - top};
}

}  // namespace inpaintd
