// SPDX-License-Identifier: Apache-2.0
#include "image/geometry.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/image/fixtures.h"

namespace inpaintd {
namespace {

using namespace fixtures;

/// A tile of the whole picture with its mask; paste does not read the image.
Tile cut_tile(const Pixels& rgb, const Pixels& holes, Placement placement) {
  placement.run = padded(placement.scaled, NetworkTraits{});
  Tile tile = plan_tile(holes, placement);
  tile.image = cut_image(rgb, tile);
  return tile;
}

Tile whole_tile(const Pixels& holes) {
  return cut_tile(Pixels(holes.width, holes.height, 3), holes, {{0, 0, holes.width, holes.height}, holes.size()});
}

Pixels prediction_for(const Tile& tile, std::uint8_t value) {
  return {tile.network_size().width, tile.network_size().height, 3, value};
}

/// The first channel of the pixels, for short tables.
std::vector<int> reds(const Pixels& rgb) {
  std::vector<int> result;
  for (std::size_t i = 0; i < rgb.bytes.size(); i += 3) result.push_back(rgb.bytes[i]);
  return result;
}

TEST_CASE("network sizes are multiples of 8, from 64 on") {
  CHECK(padded({1, 64}, {}) == Size{64, 64});
  CHECK(padded({65, 72}, {}) == Size{72, 72});
  CHECK(padded({73, 512}, {}) == Size{80, 512});
  CHECK(padded({73, 512}, {.side_multiple = 128}) == Size{128, 512});
  CHECK(padded({1, 513}, {.side_multiple = 128}) == Size{128, 640});
}

TEST_CASE("padding mirrors the window, edge pixels included, to the right and at the bottom") {
  Pixels rgb(70, 66, 3);
  for (int y = 0; y < 66; ++y)
    for (int x = 0; x < 210; ++x) rgb.row(y)[x] = static_cast<std::uint8_t>(x / 3 + y);
  const Pixels holes = noise(70, 66, 1, 1);
  const Tile tile = cut_tile(rgb, holes, {{0, 0, 70, 66}, {70, 66}});
  CHECK(tile.network_size() == Size{72, 72});
  CHECK(tile.mask->size() == Size{72, 72});
  const auto at = [&](int x, int y) { return tile.image->row(y)[3 * x]; };
  CHECK(at(69, 0) == 69);
  CHECK(at(70, 0) == 69);
  CHECK(at(71, 0) == 68);
  CHECK(at(0, 66) == 65);
  CHECK(at(0, 71) == 60);
  CHECK(at(71, 71) == 128);
  CHECK(tile.mask->row(71)[71] == holes.row(60)[68]);
}

TEST_CASE("padding wider than the picture reflects repeatedly") {
  const Tile tile = cut_tile(pixels(3, 1, 3, {1, 1, 1, 2, 2, 2, 3, 3, 3}), mask({"#.."}), {{0, 0, 3, 1}, {3, 1}});
  std::vector<int> row = reds(*tile.image);
  row.resize(10);
  CHECK(row == std::vector<int>{1, 2, 3, 3, 2, 1, 1, 2, 3, 3});
  CHECK(tile.mask->row(63)[6] == 255);
  CHECK(tile.mask->row(63)[7] == 0);
  const Tile one = cut_tile(Pixels(1, 1, 3, 7), Pixels(1, 1, 1, 255), {{0, 0, 1, 1}, {1, 1}});
  CHECK(*one.image == Pixels(64, 64, 3, 7));
  CHECK(*one.mask == Pixels(64, 64, 1, 255));
}

TEST_CASE("a tile has the pixels of its window, and its padding none from outside of the window") {
  const Pixels rgb = noise(100, 90, 3, 2);
  const Tile tile = cut_tile(rgb, Pixels(100, 90, 1), {{10, 20, 66, 64}, {66, 64}});
  CHECK(std::equal(rgb.row(20) + 30, rgb.row(20) + 30 + 3 * 66, tile.image->row(0)));
  CHECK(std::equal(rgb.row(83) + 30, rgb.row(83) + 30 + 3 * 66, tile.image->row(63)));
  CHECK(std::equal(rgb.row(20) + 3 * 75, rgb.row(20) + 3 * 76, tile.image->row(0) + 3 * 66));
}

TEST_CASE("the picture of a shrunk run is averaged, and every hole pixel is kept in its mask") {
  Pixels holes(1000, 300, 1);
  holes.row(299)[999] = holes.row(0)[500] = 255;
  Pixels rgb(1000, 300, 3, 100);
  const Tile tile = cut_tile(rgb, holes, {{0, 0, 1000, 300}, {100, 30}});
  CHECK(tile.network_size() == Size{104, 64});
  CHECK(tile.image->row(29)[0] == 100);
  CHECK(tile.mask->row(29)[99] == 255);
  CHECK(tile.mask->row(0)[50] == 255);
  CHECK(std::count(tile.mask->row(0), tile.mask->row(0) + 100, 255) == 1);
}

TEST_CASE("with a scale that is not a whole number, every pixel that a hole touches is a hole") {
  const Tile tile = cut_tile(Pixels(10, 1, 3), mask({"...#......"}), {{0, 0, 10, 1}, {3, 1}});
  CHECK(std::vector<int>(tile.mask->row(0), tile.mask->row(0) + 3) == std::vector<int>{255, 255, 0});
}

TEST_CASE("dilation grows a hole by a round structuring element") {
  const Pixels dot = mask({".......", ".......", ".......", "...#...", ".......", ".......", "......."});
  CHECK(dilate(dot, 0) == dot);
  CHECK(dilate(dot, 1) == mask({".......", ".......", "...#...", "..###..", "...#...", ".......", "......."}));
  CHECK(dilate(dot, 3) == mask({"...#...", ".#####.", ".#####.", "#######", ".#####.", ".#####.", "...#..."}));
  CHECK(dilate(mask({"#...."}), 2) == mask({"###.."}));
  CHECK(dilate(mask({"....."}), 2) == mask({"....."}));
  CHECK(dilate(Pixels(200, 1, 1, 255), 64) == Pixels(200, 1, 1, 255));
}

TEST_CASE("paste replaces only hole pixels inside the area") {
  const Pixels holes = mask({"##.##", "##.##"});
  const Tile tile = whole_tile(holes);
  Canvas canvas{{0, 0, 5, 2}, Pixels(5, 2, 3, 9)};
  paste(canvas, holes, tile, prediction_for(tile, 200), make_patch(holes, {0, 0, 4, 1}, 0, 0));
  CHECK(reds(canvas.rgb) == std::vector<int>{200, 200, 9, 200, 9, 9, 9, 9, 9, 9});
}

TEST_CASE("paste fills a canvas that is a part of the picture") {
  const Pixels holes = mask({"......", ".####.", "......"});
  const Tile tile = whole_tile(holes);
  Canvas canvas{{2, 0, 2, 3}, Pixels(2, 3, 3, 9)};
  paste(canvas, holes, tile, prediction_for(tile, 200), make_patch(holes, {0, 0, 6, 3}, 0, 0));
  CHECK(reds(canvas.rgb) == std::vector<int>{9, 9, 200, 200, 9, 9});
}

TEST_CASE("the feather rises from the edge of the hole inwards, and the edge of the picture does not count as one") {
  const Pixels holes = mask({".######"});
  const Tile tile = whole_tile(holes);
  Canvas canvas{{0, 0, 7, 1}, Pixels(7, 1, 3, 0)};
  paste(canvas, holes, tile, prediction_for(tile, 200), make_patch(holes, {0, 0, 7, 1}, 0, 3));
  CHECK(reds(canvas.rgb) == std::vector<int>{0, 50, 100, 150, 200, 200, 200});
}

TEST_CASE("the feather in a canvas that ends at the hole is the same as in the whole picture") {
  const Pixels holes = mask({".######."});
  const Tile tile = whole_tile(holes);
  Canvas canvas{{1, 0, 6, 1}, Pixels(6, 1, 3, 0)};
  paste(canvas, holes, tile, prediction_for(tile, 200), make_patch(holes, {1, 0, 6, 1}, 0, 3));
  CHECK(reds(canvas.rgb) == std::vector<int>{50, 100, 150, 150, 100, 50});
}

TEST_CASE("a mask without known pixels gives predictions without feather") {
  const Pixels holes(9, 5, 1, 255);
  const Tile tile = whole_tile(holes);
  Canvas canvas{{0, 0, 9, 5}, Pixels(9, 5, 3, 0)};
  paste(canvas, holes, tile, prediction_for(tile, 200), make_patch(holes, {0, 0, 9, 5}, 0, 64));
  CHECK(canvas.rgb == Pixels(9, 5, 3, 200));
}

TEST_CASE("the prediction of a shrunk run is enlarged to its window") {
  const Pixels holes(400, 200, 1, 255);
  const Tile tile = cut_tile(Pixels(400, 200, 3), holes, {{0, 0, 400, 200}, {100, 50}});
  Pixels prediction = prediction_for(tile, 40);
  for (int y = 0; y < 50; ++y) std::fill_n(prediction.row(y) + 150, 150, 240);
  Canvas canvas{{0, 0, 400, 200}, Pixels(400, 200, 3)};
  paste(canvas, holes, tile, prediction, make_patch(holes, {0, 0, 400, 200}, 0, 0));
  CHECK(canvas.rgb.row(199)[0] == 40);
  CHECK(canvas.rgb.row(100)[3 * 190] == 40);
  CHECK(canvas.rgb.row(100)[3 * 210] == 240);
  CHECK(canvas.rgb.row(0)[3 * 399] == 240);
}

}  // namespace
}  // namespace inpaintd
