// SPDX-License-Identifier: Apache-2.0
#include "image/geometry.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "core/network_input.h"
#include "image/colour_conversion.h"
#include "image/mat.h"
#include "image/shrink.h"

namespace inpaintd {
namespace {

std::shared_ptr<const Pixels> pad(const cv::Mat& part, Size size) {
  if (part.isContinuous() && part.rows == size.height && part.cols == size.width) {
    auto copy = std::make_shared<Pixels>();  // writes the memory once: the constructor with a size would fill it first
    copy->width = size.width;
    copy->height = size.height;
    copy->channels = part.channels();
    copy->bytes.assign(part.data, part.data + part.total() * part.elemSize());
    return copy;
  }
  auto result = std::make_shared<Pixels>(size.width, size.height, part.channels());
  cv::copyMakeBorder(part, view(*result), 0, size.height - part.rows, 0, size.width - part.cols,
                     cv::BORDER_REFLECT | cv::BORDER_ISOLATED);
  return result;
}

void blend(cv::Mat target, const cv::Mat& source, const cv::Mat& weights) {
  for (int y = 0; y < target.rows; ++y) {
    auto* to = target.ptr<std::uint8_t>(y);
    const auto* from = source.ptr<std::uint8_t>(y);
    const auto* weight = weights.ptr<float>(y);
    for (int x = 0; x < target.cols; ++x, to += 3, from += 3) {
      if (weight[x] <= 0) continue;
      for (int c = 0; c < 3; ++c)
        to[c] = static_cast<std::uint8_t>(static_cast<float>(to[c]) + weight[x] * static_cast<float>(from[c] - to[c]) +
                                          0.5F);
    }
  }
}

}  // namespace

Size padded(Size size, const NetworkTraits& network) {
  const auto up = [multiple = network.side_multiple](int side) {
    const int least = std::max(side, window_side_min);
    return (least + multiple - 1) / multiple * multiple;
  };
  return {up(size.width), up(size.height)};
}

Tile plan_tile(const Pixels& mask, const Placement& placement) {
  const auto& [window, scaled, run] = placement;
  if (scaled == Size{window.width, window.height})
    return {window, scaled, nullptr, pad(view(mask)(to_cv(window)), run)};
  const Pixels shrunk = shrink_mask(mask, window, scaled);
  return {window, scaled, nullptr, pad(view(shrunk), run)};
}

std::shared_ptr<const Pixels> cut_image(const Pixels& rgb, const Tile& tile) {
  cv::Mat image = view(rgb)(to_cv(tile.window));
  if (tile.scaled != Size{tile.window.width, tile.window.height})
    cv::resize(image, image, to_cv(tile.scaled), 0, 0, cv::INTER_AREA);
  return pad(image, tile.mask->size());
}

Rect needed_part(const Placement& placement, const Rect& area) {
  const auto& [window, scaled, run] = placement;
  const cv::Rect part = to_cv(area) & to_cv(window);
  if (part.empty()) return {};
  if (scaled == Size{window.width, window.height}) return from_cv(part - to_cv(window).tl());
  // Bicubic interpolation reads two samples to either side of the place of a pixel, which may lie half a sample outside
  // of its span.
  constexpr int reach = 3;
  const auto span = [](int begin, int end, int from, int to) {
    const double scale = static_cast<double>(to) / from;
    return std::pair(std::max(0, static_cast<int>(std::floor(begin * scale)) - reach),
                     std::min(to, static_cast<int>(std::ceil(end * scale)) + reach));
  };
  const auto [left, right] = span(part.x - window.x, part.br().x - window.x, window.width, scaled.width);
  const auto [top, bottom] = span(part.y - window.y, part.br().y - window.y, window.height, scaled.height);
  return {left, top, right - left, bottom - top};
}

std::vector<double> hole_widths(const Pixels& mask, std::span<const Rect> areas) {
  cv::Mat distance;
  cv::distanceTransform(view(mask), distance, cv::DIST_L2, cv::DIST_MASK_5);
  std::vector<double> widths;
  for (const Rect& area : areas) {
    double largest = 0;
    cv::minMaxLoc(distance(to_cv(area)), nullptr, &largest);
    widths.push_back(2 * largest);
  }
  return widths;
}

Pixels dilate(const Pixels& mask, int radius) {
  Pixels grown = mask;
  const cv::Rect everything(0, 0, mask.width, mask.height);
  const cv::Rect box = to_cv(bounding_box(mask));
  if (radius <= 0 || box.empty()) return grown;
  const cv::Rect around(box.x - radius, box.y - radius, box.width + 2 * radius, box.height + 2 * radius);
  cv::Mat target = view(grown)(around & everything);
  cv::Mat distance;
  cv::distanceTransform(255 - target, distance, cv::DIST_L2, cv::DIST_MASK_PRECISE);
  target.setTo(255, distance <= static_cast<double>(radius));
  return grown;
}

Patch make_patch(const Pixels& mask, const Rect& area, std::size_t tile, int feather) {
  Patch patch{area, tile, {}};
  if (feather <= 0) return patch;
  // The distance to the nearest known pixel, exact up to the distance from which the prediction has full weight.
  const int reach = feather + 1;
  const cv::Rect around = cv::Rect(area.x - reach, area.y - reach, area.width + 2 * reach, area.height + 2 * reach) &
                          cv::Rect(0, 0, mask.width, mask.height);
  cv::Mat distance;
  cv::distanceTransform(view(mask)(around), distance, cv::DIST_L2, cv::DIST_MASK_PRECISE);
  patch.weights.resize(static_cast<std::size_t>(area.width) * static_cast<std::size_t>(area.height));
  cv::Mat weights(area.height, area.width, CV_32F, patch.weights.data());
  cv::multiply(distance(to_cv(area) - around.tl()), cv::Scalar(1.0 / reach), weights);
  cv::min(weights, 1.0, weights);
  return patch;
}

cv::Mat unscaled(const Tile& tile, const Pixels& prediction) {
  const cv::Rect inside(0, 0, tile.scaled.width, tile.scaled.height);
  cv::Mat result = view(prediction)(inside);
  if (tile.scaled == Size{tile.window.width, tile.window.height}) return result;
  cv::Mat composed = view(*tile.image)(inside).clone();
  result.copyTo(composed, view(*tile.mask)(inside));
  cv::resize(composed, result, {tile.window.width, tile.window.height}, 0, 0, cv::INTER_CUBIC);
  return result;
}

void paste(Canvas& canvas, const Pixels& mask, const Tile& tile, const Pixels& prediction, const Patch& patch,
           const ColourSpace* colours) {
  const cv::Rect area = to_cv(patch.area), part = area & to_cv(canvas.frame);
  if (part.empty()) return;
  cv::Mat source = unscaled(tile, prediction)(part - to_cv(tile.window).tl());
  if (colours) {
    source = source.clone();
    from_network(source, *colours, tile.wide);
  }
  cv::Mat target = view(canvas.rgb)(part - to_cv(canvas.frame).tl());
  if (patch.weights.empty()) return source.copyTo(target, view(mask)(part));
  const cv::Mat weights(area.height, area.width, CV_32F, const_cast<float*>(patch.weights.data()));  // read only
  blend(target, source, weights(part - area.tl()));
}

}  // namespace inpaintd
