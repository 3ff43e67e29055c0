// SPDX-License-Identifier: Apache-2.0
#include "core/pixels.h"

#include <doctest/doctest.h>

using namespace inpaintd;

TEST_CASE("the bounding box is the smallest box that holds all samples other than zero") {
  Pixels mask(5, 4, 1);
  CHECK(bounding_box(mask) == Rect{});
  mask.row(2)[3] = 1;
  CHECK(bounding_box(mask) == Rect{3, 2, 1, 1});
  mask.row(0)[1] = 255;
  CHECK(bounding_box(mask) == Rect{1, 0, 3, 3});
  CHECK(bounding_box(Pixels(5, 4, 1, 255)) == Rect{0, 0, 5, 4});
}
