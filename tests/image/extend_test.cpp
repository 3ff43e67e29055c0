// SPDX-License-Identifier: Apache-2.0
#include "image/extend.h"

#include <doctest/doctest.h>

#include "tests/image/fixtures.h"

namespace inpaintd {
namespace {

using namespace fixtures;

TEST_CASE("a continuation keeps known samples, and is equal to them where they are all equal") {
  Pixels values(37, 21, 2, 200);
  Pixels known(37, 21, 1, 255);
  for (int y = 5; y < 15; ++y)
    for (int x = 3; x < 30; ++x) {
      known.row(y)[x] = 0;
      values.row(y)[2 * x] = values.row(y)[2 * x + 1] = 7;
    }
  extend(values, known);
  CHECK(values == Pixels(37, 21, 2, 200));
}

TEST_CASE("a continuation lies between the known samples around it, and nearer to the nearest") {
  Pixels values(64, 8, 1), known(64, 8, 1);
  for (int y = 0; y < 8; ++y) {
    known.row(y)[0] = known.row(y)[63] = 255;
    values.row(y)[63] = 255;
  }
  extend(values, known);
  for (int x = 1; x < 64; ++x) CHECK(values.row(4)[x] >= values.row(4)[x - 1] - 8);
  CHECK(values.row(4)[1] < 60);
  CHECK(values.row(4)[62] > 195);
}

TEST_CASE("without known samples nothing changes, and one pixel is a picture") {
  Pixels values = noise(5, 4, 3, 1);
  const Pixels before = values;
  extend(values, Pixels(5, 4, 1));
  CHECK(values == before);
  Pixels one(1, 1, 1, 9);
  extend(one, Pixels(1, 1, 1, 255));
  CHECK(one.bytes[0] == 9);
}

}  // namespace
}  // namespace inpaintd
