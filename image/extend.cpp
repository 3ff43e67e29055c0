// SPDX-License-Identifier: Apache-2.0
#include "image/extend.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace inpaintd {
namespace {

/// A picture of floats: the channels times their weight, and then the weight, 0..1.
struct Level {
  int width = 0, height = 0;
  std::size_t channels = 0;  // with the weight
  std::vector<float> samples;

  Level(int columns, int rows, std::size_t count)
      : width(columns),
        height(rows),
        channels(count),
        samples(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows) * count) {}
  float* at(int x, int y) {
    return samples.data() +
           (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)) * channels;
  }
};

/// Half of the size. Each pixel is the mean of those under it; a weight of one of four counts in full already.
template <class Add>
Level halved(int width, int height, std::size_t channels, const Add& add) {
  constexpr float full = 0.25F;
  Level half((width + 1) / 2, (height + 1) / 2, channels);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) add(half.at(x / 2, y / 2), x, y);
  for (std::size_t i = 0; i < half.samples.size(); i += channels) {
    const float weight = half.samples[i + channels - 1] / 4;
    const float scale = weight > full ? 1 / (4 * weight) : 1.0F;
    for (std::size_t c = 0; c < channels; ++c) half.samples[i + c] *= scale;
  }
  return half;
}

Level halved(Level& level) {
  return halved(level.width, level.height, level.channels, [&](float* to, int x, int y) {
    const float* from = level.at(x, y);
    for (std::size_t c = 0; c < level.channels; ++c) to[c] += from[c];
  });
}

Level halved(const Pixels& values, const Pixels& known) {
  const auto channels = static_cast<std::size_t>(values.channels);
  return halved(values.width, values.height, channels + 1, [&](float* to, int x, int y) {
    if (known.row(y)[x] == 0) return;
    const std::uint8_t* from = values.row(y) + static_cast<std::size_t>(x) * channels;
    for (std::size_t c = 0; c < channels; ++c) to[c] += from[c];
    to[channels] += 1;
  });
}

/// Interpolates at the centre of the pixel (x, y) of a level of twice the size. Writes the channels without weight.
void sample_between(Level& coarse, int x, int y, float* to) {
  const auto neighbours = [](int at, int side) {
    const int near = at / 2, far = std::clamp(at % 2 == 0 ? near - 1 : near + 1, 0, side - 1);
    return std::pair(near, far);
  };
  const auto [x_near, x_far] = neighbours(x, coarse.width);
  const auto [y_near, y_far] = neighbours(y, coarse.height);
  constexpr float near = 0.75F, far = 0.25F;
  const float *a = coarse.at(x_near, y_near), *b = coarse.at(x_far, y_near), *c = coarse.at(x_near, y_far),
              *d = coarse.at(x_far, y_far);
  for (std::size_t i = 0; i + 1 < coarse.channels; ++i)
    to[i] = near * (near * a[i] + far * b[i]) + far * (near * c[i] + far * d[i]);
}

/// Gives every pixel of `fine` the full weight, with what it lacks from `coarse`.
void complete(Level& fine, Level& coarse) {
  std::vector<float> between(fine.channels);
  for (int y = 0; y < fine.height; ++y)
    for (int x = 0; x < fine.width; ++x) {
      float* sample = fine.at(x, y);
      float& weight = sample[fine.channels - 1];
      if (weight >= 1) continue;
      sample_between(coarse, x, y, between.data());
      for (std::size_t c = 0; c + 1 < fine.channels; ++c) sample[c] += (1 - weight) * between[c];
      weight = 1;
    }
}

}  // namespace

void extend(Pixels& values, const Pixels& known) {
  if (std::ranges::all_of(known.bytes, [](std::uint8_t each) { return each == 0; })) return;
  std::vector<Level> levels;
  levels.push_back(halved(values, known));
  while (levels.back().width > 1 || levels.back().height > 1) levels.push_back(halved(levels.back()));
  for (std::size_t i = levels.size() - 1; i-- > 0;) complete(levels[i], levels[i + 1]);
  std::vector<float> between(levels.front().channels);
  for (int y = 0; y < values.height; ++y)
    for (int x = 0; x < values.width; ++x) {
      if (known.row(y)[x] != 0) continue;
      sample_between(levels.front(), x, y, between.data());
      std::uint8_t* to = values.row(y) + static_cast<std::ptrdiff_t>(x) * values.channels;
      for (int c = 0; c < values.channels; ++c)
        to[c] = static_cast<std::uint8_t>(std::lround(std::clamp(between[static_cast<std::size_t>(c)], 0.0F, 255.0F)));
    }
}

}  // namespace inpaintd
