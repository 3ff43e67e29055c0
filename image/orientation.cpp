// SPDX-License-Identifier: Apache-2.0
#include "image/orientation.h"

#include <algorithm>
#include <opencv2/core.hpp>

#include "image/mat.h"

namespace inpaintd {
namespace {

// Orientations 5..8 are 1..4 after a transposition, and these are mirrored in neither, x, both, or y.
bool is_transposed(int orientation) { return orientation >= 5; }
int turn_of(int orientation) { return (orientation - 1) % 4; }

void mirror(cv::Mat& samples, int orientation) {
  constexpr int flips[] = {0, 1, -1, 0};
  if (const int turn = turn_of(orientation); turn != 0) cv::flip(samples, samples, flips[turn]);
}

void assign(Pixels& pixels, const cv::Mat& samples) {
  pixels.width = samples.cols;
  pixels.height = samples.rows;
  samples.copyTo(view(pixels));
}

}  // namespace

void turn_upright(Pixels& pixels, int orientation) {
  if (orientation == 1) return;
  cv::Mat turned;
  if (is_transposed(orientation))
    cv::transpose(view(pixels), turned);
  else
    turned = view(pixels).clone();
  mirror(turned, orientation);
  assign(pixels, turned);
}

void turn_back(Pixels& pixels, int orientation) {
  if (orientation == 1) return;
  cv::Mat turned = view(pixels).clone();
  mirror(turned, orientation);
  if (is_transposed(orientation)) cv::transpose(turned, turned);
  assign(pixels, turned);
}

Rect StoredOrder::of(int x, int y) const {
  const int turn = turn_of(orientation_);
  if (turn == 1 || turn == 2) x = upright_.width - 1 - x;
  if (turn == 2 || turn == 3) y = upright_.height - 1 - y;
  return is_transposed(orientation_) ? Rect{y, x, 1, 1} : Rect{x, y, 1, 1};
}

Rect StoredOrder::of(const Rect& part) const {
  const Rect a = of(part.x, part.y), b = of(part.right() - 1, part.bottom() - 1);
  return {std::min(a.x, b.x), std::min(a.y, b.y), std::abs(a.x - b.x) + 1, std::abs(a.y - b.y) + 1};
}

}  // namespace inpaintd
