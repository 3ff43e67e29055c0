// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pixels.h"

namespace inpaintd {

/// Turns a picture that was stored with this EXIF orientation, 1..8, upright. Internal to image/.
void turn_upright(Pixels& pixels, int orientation);

/// The inverse of turn_upright.
void turn_back(Pixels& pixels, int orientation);

/// Where a file with an EXIF orientation stores the pixels of the upright picture.
class StoredOrder {
 public:
  StoredOrder(int orientation, Size upright) : orientation_(orientation), upright_(upright) {}

  /// The column and row in the file of the upright pixel (x, y), as a rectangle of one pixel.
  [[nodiscard]] Rect of(int x, int y) const;
  /// The rectangle in the file with the pixels of a rectangle of the upright picture.
  [[nodiscard]] Rect of(const Rect& part) const;

 private:
  int orientation_;
  Size upright_;
};

}  // namespace inpaintd
