// SPDX-License-Identifier: Apache-2.0
#include "image/filling.h"

#include <opencv2/imgproc.hpp>
#include <utility>

#include "image/deep.h"
#include "image/extend.h"
#include "image/mat.h"

namespace inpaintd {
namespace {

/// Converts to grey. Known pixels of a grey picture stay exact: their three samples are equal, and equal to their luma.
void make_grey(cv::Mat rgb) {
  cv::Mat luma;
  cv::cvtColor(rgb, luma, cv::COLOR_RGB2GRAY);
  cv::cvtColor(luma, rgb, cv::COLOR_GRAY2RGB);
}

/// Rounds to the levels of `depth` bits, as they are decoded to 8 bits.
void round_to(Pixels& rgb, int depth) {
  constexpr int full = 255;
  const int largest = (1 << depth) - 1;
  for (std::uint8_t& value : rgb.bytes)
    value = static_cast<std::uint8_t>((value * largest + full / 2) / full * (full / largest));
}

Canvas filled_deep(const Input& input, const std::vector<Pixels>& predictions, const Rect& frame) {
  const DeepPixels known = deep_pixels(input.source.bytes);
  Canvas canvas{.frame = frame, .rgb = {}};
  canvas.deep.resize(3 * static_cast<std::size_t>(frame.width) * static_cast<std::size_t>(frame.height));
  DeepPixels deep(frame.height, frame.width, reinterpret_cast<DeepPixels::value_type*>(canvas.deep.data()));
  known(to_cv(frame)).copyTo(deep);
  for (const Patch& patch : input.holes->patches)
    paste_deep(deep, frame, known, input.picture, input.holes->mask, input.tiles[patch.tile], predictions[patch.tile],
               patch);
  if (input.picture.grey) make_grey(deep);
  canvas.rgb = reduced(deep);
  return canvas;
}

/// The alpha of the frame, continued into the holes from their surroundings.
Pixels filled_alpha(const Input& input, const Rect& frame) {
  constexpr int margin = 32;  // of known pixels around the frame
  const Pixels& alpha = input.picture.alpha;
  const cv::Rect around =
      cv::Rect(frame.x - margin, frame.y - margin, frame.width + 2 * margin, frame.height + 2 * margin) &
      cv::Rect(0, 0, alpha.width, alpha.height);
  Pixels values = crop(alpha, from_cv(around)), known = crop(input.holes->mask, from_cv(around));
  cv::bitwise_not(view(known), view(known));
  extend(values, known);
  return crop(values, from_cv(to_cv(frame) - around.tl()));
}

}  // namespace

Canvas filled(const Input& input, const std::vector<Pixels>& predictions, const Rect& frame) {
  if (frame.empty()) return {};
  const Picture& picture = input.picture;
  const int depth = stored_depth(input.source.bytes);
  Canvas canvas;
  if (depth == 16) {
    canvas = filled_deep(input, predictions, frame);
  } else {
    canvas = {.frame = frame, .rgb = crop(picture.rgb, frame)};
    for (const Patch& patch : input.holes->patches)
      paste(canvas, input.holes->mask, input.tiles[patch.tile], predictions[patch.tile], patch, picture.colours.get());
    if (picture.grey) make_grey(view(canvas.rgb));
    if (depth < 8) round_to(canvas.rgb, depth);
  }
  if (input.options.alpha == AlphaFill::fill && !picture.alpha.empty()) canvas.alpha = filled_alpha(input, frame);
  return canvas;
}

}  // namespace inpaintd
