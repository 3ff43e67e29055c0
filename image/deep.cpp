// SPDX-License-Identifier: Apache-2.0
#include "image/deep.h"

#include <algorithm>
#include <array>
#include <opencv2/imgproc.hpp>
#include <string_view>

#include "image/colour_conversion.h"
#include "image/formats/formats.h"
#include "image/formats/png_image.h"
#include "image/mat.h"
#include "image/shrink.h"

namespace inpaintd {
namespace {

constexpr float level = 257;  // of 8 bits, in samples of 16 bits

// The halves of the sides of the neighbourhoods, one after the other. The first is as wide as a level of a slow
// gradient.
constexpr std::array radii{32, 16, 8, 4, 2, 1};
constexpr int reach = 63;   // their sum: a sample depends on no other beyond
constexpr int block = 512;  // bounds the memory, and changes no sample

/// The part of a prediction around `area` with the known samples, from 0 to 255 as the network sees them.
cv::Mat_<cv::Vec3f> composed(const cv::Rect& area, const DeepPixels& known, const Picture& picture,
                             const cv::Mat& prediction, const cv::Mat& holes, bool wide) {
  cv::Mat_<cv::Vec3f> result;
  known(area).convertTo(result, CV_32F, 1 / level);
  if (picture.colours) to_network(result, *picture.colours, wide);
  cv::Mat predicted;
  prediction.convertTo(predicted, CV_32F);
  predicted.copyTo(result, holes);
  return result;
}

/// Replaces the samples of holes by their local means, at most half a level away from themselves.
void smooth(cv::Mat_<cv::Vec3f>& samples, const cv::Mat& holes) {
  constexpr double half = 0.499;  // rounded to 8 bits, a sample stays what it was
  const cv::Mat least = samples - cv::Scalar::all(half), largest = samples + cv::Scalar::all(half);
  cv::Mat mean;
  for (const int radius : radii) {
    cv::blur(samples, mean, {2 * radius + 1, 2 * radius + 1}, {-1, -1}, cv::BORDER_REFLECT | cv::BORDER_ISOLATED);
    cv::max(mean, least, mean);
    cv::min(mean, largest, mean);
    mean.copyTo(samples, holes);
  }
}

/// Blends samples from 0 to 1 into the canvas, by `weights` or, if there are none, where there are holes.
void blend(DeepPixels canvas, const cv::Mat_<cv::Vec3f>& samples, const cv::Mat& holes, const cv::Mat& weights) {
  constexpr float full = 65'535;
  for (int y = 0; y < canvas.rows; ++y)
    for (int x = 0; x < canvas.cols; ++x) {
      const float weight =
          weights.empty() ? (holes.at<std::uint8_t>(y, x) != 0 ? 1.0F : 0.0F) : weights.at<float>(y, x);
      if (weight <= 0) continue;
      for (int c = 0; c < 3; ++c) {
        const auto old = static_cast<float>(canvas(y, x)[c]);
        canvas(y, x)[c] = cv::saturate_cast<std::uint16_t>(old + weight * (full * samples(y, x)[c] - old));
      }
    }
}

}  // namespace

int stored_depth(Bytes file) {
  constexpr std::size_t depth_at = 24, type_at = 25;
  constexpr std::string_view signature("\x89PNG\r\n\x1A\n");
  constexpr int indexed = 3;
  const std::string_view head(reinterpret_cast<const char*>(file.data()), std::min(file.size(), signature.size()));
  return file.size() > type_at && head == signature && file[type_at] != indexed ? file[depth_at] : 8;
}

DeepPixels deep_pixels(Bytes file) {
  PngImage image = read_png_image(file);
  turn_upright(image.samples, image.orientation);
  const cv::Mat samples(image.samples.height, image.samples.width, CV_16UC(image.channels()),
                        image.samples.bytes.data());
  DeepPixels rgb(samples.size());
  constexpr int grey[] = {0, 0, 0, 1, 0, 2}, colour[] = {0, 0, 1, 1, 2, 2};
  cv::mixChannels(&samples, 1, &rgb, 1, image.channels() <= 2 ? grey : colour, 3);
  return rgb;
}

void paste_deep(DeepPixels canvas, const Rect& frame, const DeepPixels& known, const Picture& picture,
                const Pixels& mask, const Tile& tile, const Pixels& prediction, const Patch& patch) {
  const cv::Rect window = to_cv(tile.window), area = to_cv(patch.area);
  const cv::Mat predicted = unscaled(tile, prediction), holes = view(mask);
  const cv::Mat weights = patch.weights.empty()
                              ? cv::Mat()
                              : cv::Mat(area.height, area.width, CV_32F, const_cast<float*>(patch.weights.data()));
  for (int y = area.y; y < area.br().y; y += block)
    for (int x = area.x; x < area.br().x; x += block) {
      const cv::Rect part = cv::Rect(x, y, block, block) & area & to_cv(frame);
      if (part.empty()) continue;
      const cv::Rect around =
          cv::Rect(part.x - reach, part.y - reach, part.width + 2 * reach, part.height + 2 * reach) & window;
      auto samples = composed(around, known, picture, predicted(around - window.tl()), holes(around), tile.wide);
      smooth(samples, holes(around));
      cv::Mat_<cv::Vec3f> inside = samples(part - around.tl());
      if (picture.colours)
        from_network(inside, *picture.colours, tile.wide);
      else
        inside *= 1.0 / 255;
      blend(canvas(part - to_cv(frame).tl()), inside, holes(part),
            weights.empty() ? cv::Mat() : weights(part - area.tl()));
    }
}

Pixels reduced(const DeepPixels& deep) {
  Pixels rgb(deep.cols, deep.rows, 3);
  for (int y = 0; y < deep.rows; ++y) {
    const auto* from = deep.ptr<std::uint16_t>(y);
    std::transform(from, from + 3 * deep.cols, rgb.row(y),
                   [](std::uint16_t v) { return static_cast<std::uint8_t>((v * 255U + 32'895U) >> 16); });
  }
  return rgb;
}

std::vector<std::uint16_t> deep_samples(Bytes patch, const Pixels& rgb) {
  std::vector<std::uint16_t> samples(rgb.bytes.size());
  cv::Mat target(rgb.height, rgb.width, CV_16UC3, samples.data());
  if (stored_depth(patch) == 16)
    deep_pixels(patch).copyTo(target);
  else
    view(rgb).convertTo(target, CV_16U, level);
  return samples;
}

}  // namespace inpaintd
