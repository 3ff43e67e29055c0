// SPDX-License-Identifier: Apache-2.0
#include <opencv2/core.hpp>
#include <utility>

#include "image/formats/formats.h"
#include "image/mat.h"

namespace inpaintd {
namespace {

/// The orientations 5..8 are 1..4 after a transposition.
bool transposes(int orientation) { return orientation >= 5; }

/// 0: none, 1: left and right, 2: both directions, 3: top and bottom.
int mirroring(int orientation) { return (orientation - 1) % 4; }

}  // namespace

void turn_upright(Pixels& pixels, int orientation) {
  if (orientation == 1) return;
  cv::Mat turned;
  if (transposes(orientation))
    cv::transpose(view(pixels), turned);
  else
    turned = view(pixels).clone();
  constexpr int flips[] = {0, 1, -1, 0};
  if (const int turn = mirroring(orientation); turn != 0) cv::flip(turned, turned, flips[turn]);
  pixels.width = turned.cols;
  pixels.height = turned.rows;
  turned.copyTo(view(pixels));
}

int opposite(int orientation) {
  if (orientation == 6) return 8;
  return orientation == 8 ? 6 : orientation;
}

Rect turned_upright(const Rect& rect, Size turned, int orientation) {
  Rect result = rect;
  if (transposes(orientation)) result = {rect.y, rect.x, rect.height, rect.width};
  const int turn = mirroring(orientation);
  if (turn == 1 || turn == 2) result.x = turned.width - result.right();
  if (turn == 2 || turn == 3) result.y = turned.height - result.bottom();
  return result;
}

}  // namespace inpaintd
