// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "image/geometry.h"
#include "tests/image/fixtures.h"

namespace inpaintd {

using fixtures::mask;

TEST_CASE("holes are found as boxes of connected pixels, diagonals included, from top to bottom") {
  CHECK(find_holes(mask({"....", "...."})).empty());
  CHECK(find_holes(mask({"#...#", ".#...", "....#"})) == std::vector<Rect>{{0, 0, 2, 2}, {4, 0, 1, 1}, {4, 2, 1, 1}});
}

TEST_CASE("holes whose boxes overlap become one box") {
  CHECK(find_holes(mask({"#####", "#...#", "#.#.#", "#...#", "#####"})) == std::vector<Rect>{{0, 0, 5, 5}});
  CHECK(find_holes(mask({"#..#.", "#....", "##.##"})) == std::vector<Rect>{{0, 0, 2, 3}, {3, 0, 1, 1}, {3, 2, 2, 1}});
}

TEST_CASE("thousands of single hole pixels become at most 256 boxes that cover all of them") {
  Pixels specks(1000, 801, 1);
  for (int y = 0; y < specks.height; y += 2)
    for (int x = y % 4; x < specks.width; x += 4) specks.row(y)[x] = 255;
  const auto boxes = find_holes(specks);
  CHECK(boxes.size() <= 256);
  Pixels rest = specks;
  for (const Rect& box : boxes)
    for (int y = box.y; y < box.bottom(); ++y) std::fill_n(rest.row(y) + box.x, box.width, 0);
  CHECK(rest == Pixels(1000, 801, 1));
}

TEST_CASE("256 holes have 256 boxes") {
  Pixels dots(64, 64, 1);
  for (int y = 0; y < 64; y += 4)
    for (int x = 0; x < 64; x += 4) dots.row(y)[x] = 255;
  const auto boxes = find_holes(dots);
  REQUIRE(boxes.size() == 256);
  CHECK(boxes[17] == Rect{4, 4, 1, 1});
}

TEST_CASE("boxes found in a shrunk mask are tight in the mask itself") {
  Pixels large(9001, 10, 1);
  large.row(3)[8999] = large.row(4)[17] = 255;
  CHECK(find_holes(large) == std::vector<Rect>{{8999, 3, 1, 1}, {17, 4, 1, 1}});
}

TEST_CASE("the width of a hole is the thickness of its thickest part") {
  Pixels mask(400, 300, 1);
  for (int y = 100; y < 140; ++y) std::fill_n(mask.row(y) + 20, 300, std::uint8_t{255});  // a bar of 300 x 40
  CHECK(hole_widths(mask, std::vector{Rect{20, 100, 300, 40}})[0] == doctest::Approx(40).epsilon(0.1));
  for (int i = 0; i < 150; ++i) std::fill_n(mask.row(145 + i) + 20 + i, 4, std::uint8_t{255});  // a thin diagonal
  CHECK(hole_widths(mask, std::vector{Rect{20, 145, 154, 150}})[0] < 8);
}

}  // namespace inpaintd
