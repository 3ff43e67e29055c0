// SPDX-License-Identifier: Apache-2.0
#include "image/colour_conversion.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace inpaintd {
namespace {

using Colour3 = std::array<float, 3>;

float srgb_encoded(float light) {
  return light <= 0.0031308F ? 12.92F * light : 1.055F * std::pow(light, 1 / 2.4F) - 0.055F;
}

float srgb_linear(float sample) {
  return sample <= 0.04045F ? sample / 12.92F : std::pow((sample + 0.055F) / 1.055F, 2.4F);
}

/// 8-bit sRGB samples at equal steps of linear light: at the steepest place five steps for one level.
using EncodedTable = std::array<std::uint8_t, 16'385>;

const EncodedTable& encoded_table() {
  static const EncodedTable table = [] {
    EncodedTable made{};
    for (std::size_t i = 0; i < made.size(); ++i)
      made[i] = static_cast<std::uint8_t>(
          std::lround(255 * srgb_encoded(static_cast<float>(i) / static_cast<float>(made.size() - 1))));
    return made;
  }();
  return table;
}

/// Linear light of the sRGB samples 0..255.
const ColourSpace::Curve& linear_table() {
  static const ColourSpace::Curve table = [] {
    ColourSpace::Curve made{};
    for (std::size_t i = 0; i < made.size(); ++i) made[i] = srgb_linear(static_cast<float>(i) / 255);
    return made;
  }();
  return table;
}

Colour3 product(const ColourSpace::Matrix& matrix, const Colour3& v) {
  return {matrix[0] * v[0] + matrix[1] * v[1] + matrix[2] * v[2],
          matrix[3] * v[0] + matrix[4] * v[1] + matrix[5] * v[2],
          matrix[6] * v[0] + matrix[7] * v[1] + matrix[8] * v[2]};
}

Colour3 light_of(const std::uint8_t* sample, const ColourSpace& space) {
  return {space.linear[0][sample[0]], space.linear[1][sample[1]], space.linear[2][sample[2]]};
}

float encoded(float light, const std::vector<float>& table) {
  const float at = std::sqrt(std::clamp(light, 0.0F, 1.0F)) * static_cast<float>(table.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(at), table.size() - 2);
  return table[below] + (at - static_cast<float>(below)) * (table[below + 1] - table[below]);
}

/// The value of a curve between two of its samples.
float between(const ColourSpace::Curve& table, float sample) {
  const float at = std::clamp(sample, 0.0F, 255.0F);
  const auto below = static_cast<std::size_t>(at), above = std::min(below + 1, table.size() - 1);
  return table[below] + (at - static_cast<float>(below)) * (table[above] - table[below]);
}

}  // namespace

bool is_like_srgb(const ColourSpace& space) {
  constexpr float difference_max = 2.0F / 255;
  constexpr int step = 51;
  for (int red = 0; red < 256; red += step)
    for (int green = 0; green < 256; green += step)
      for (int blue = 0; blue < 256; blue += step) {
        const std::uint8_t samples[]{static_cast<std::uint8_t>(red), static_cast<std::uint8_t>(green),
                                     static_cast<std::uint8_t>(blue)};
        const Colour3 light = product(space.to_srgb, light_of(samples, space));
        for (std::size_t c = 0; c < 3; ++c)
          if (std::abs(srgb_encoded(light[c]) - static_cast<float>(samples[c]) / 255) > difference_max) return false;
      }
  return true;
}

bool is_wide(const cv::Mat& rgb, const ColourSpace& space) {
  constexpr float below = -0.002F, above = 1.01F;  // less is invisible: a difference of about 1 in CIELAB
  constexpr std::size_t parts = 1000;
  std::size_t outside = 0;
  for (int y = 0; y < rgb.rows; ++y) {
    const auto* sample = rgb.ptr<std::uint8_t>(y);
    for (int x = 0; x < rgb.cols; ++x, sample += 3) {
      const Colour3 light = product(space.to_srgb, light_of(sample, space));
      const auto [least, largest] = std::minmax({light[0], light[1], light[2]});
      outside += least < below || largest > above ? 1 : 0;
    }
  }
  return outside * parts > rgb.total();
}

void to_network(cv::Mat rgb, const ColourSpace& space, bool wide) {
  const EncodedTable& table = encoded_table();
  for (int y = 0; y < rgb.rows; ++y) {
    auto* sample = rgb.ptr<std::uint8_t>(y);
    for (int x = 0; x < rgb.cols; ++x, sample += 3) {
      Colour3 light = light_of(sample, space);
      if (!wide) light = product(space.to_srgb, light);
      for (std::size_t c = 0; c < 3; ++c)
        sample[c] = table[static_cast<std::size_t>(
            std::clamp(light[c], 0.0F, 1.0F) * static_cast<float>(table.size() - 1) + 0.5F)];
    }
  }
}

void to_network(cv::Mat_<cv::Vec3f> rgb, const ColourSpace& space, bool wide) {
  for (int y = 0; y < rgb.rows; ++y)
    for (cv::Vec3f* pixel = rgb[y]; pixel != rgb[y] + rgb.cols; ++pixel) {
      Colour3 light{between(space.linear[0], (*pixel)[0]), between(space.linear[1], (*pixel)[1]),
                    between(space.linear[2], (*pixel)[2])};
      if (!wide) light = product(space.to_srgb, light);
      for (int c = 0; c < 3; ++c)
        (*pixel)[c] = 255 * srgb_encoded(std::clamp(light[static_cast<std::size_t>(c)], 0.0F, 1.0F));
    }
}

void from_network(cv::Mat_<cv::Vec3f> rgb, const ColourSpace& space, bool wide) {
  for (int y = 0; y < rgb.rows; ++y)
    for (cv::Vec3f* pixel = rgb[y]; pixel != rgb[y] + rgb.cols; ++pixel) {
      const auto& curve = linear_table();
      Colour3 light{between(curve, (*pixel)[0]), between(curve, (*pixel)[1]), between(curve, (*pixel)[2])};
      if (!wide) light = product(space.from_srgb, light);
      for (int c = 0; c < 3; ++c) {
        const auto channel = static_cast<std::size_t>(c);
        (*pixel)[c] = encoded(light[channel], space.encoded[channel]);
      }
    }
}

void from_network(cv::Mat rgb, const ColourSpace& space, bool wide) {
  cv::Mat_<cv::Vec3f> row;
  for (int y = 0; y < rgb.rows; ++y) {
    rgb.row(y).convertTo(row, CV_32F);
    from_network(row, space, wide);
    row.convertTo(rgb.row(y), CV_8U, 255);
  }
}

}  // namespace inpaintd
