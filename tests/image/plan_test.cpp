// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>
#include <string>

#include "image/geometry.h"
#include "tests/image/fixtures.h"

namespace inpaintd {

namespace {

using fixtures::mask;

struct PlanCase {
  const char* title;
  Size picture;
  std::vector<Rect> holes;
  Strategy strategy;
  std::vector<Placement> runs;
};

Placement at_its_size(const Rect& window) { return {window, {window.width, window.height}}; }

std::string text(const std::vector<Placement>& runs) {
  std::ostringstream out;
  for (const auto& [window, scaled] : runs)
    out << "[" << window.x << ", " << window.y << ", " << window.width << ", " << window.height << "] at "
        << scaled.width << "x" << scaled.height << "; ";
  return out.str();
}

TEST_CASE("the runs for holes in a picture") {
  const PlanCase table[] = {
      {"nothing masked, nothing run", {800, 600}, {}, Strategy::whole, {}},
      {"whole runs everything", {3000, 2000}, {{5, 5, 9, 9}}, Strategy::whole, {at_its_size({0, 0, 3000, 2000})}},
      {"auto is whole up to the limit", {1024, 9}, {{0, 0, 9, 9}}, Strategy::automatic, {at_its_size({0, 0, 1024, 9})}},
      {"auto is crop one pixel beyond",
       {1025, 1025},
       {{0, 0, 9, 9}},
       Strategy::automatic,
       {at_its_size({0, 0, 256, 256})}},
      {"resize shrinks the long side",
       {3000, 2000},
       {{5, 5, 9, 9}},
       Strategy::resize,
       {{{0, 0, 3000, 2000}, {1024, 683}}}},
      {"resize enlarges nothing", {300, 200}, {{5, 5, 9, 9}}, Strategy::resize, {at_its_size({0, 0, 300, 200})}},
      {"resize leaves at least a pixel", {5000, 1}, {{5, 0, 9, 1}}, Strategy::resize, {{{0, 0, 5000, 1}, {1024, 1}}}},
      {"a window is centred on its hole",
       {3000, 2000},
       {{1000, 1000, 128, 128}},
       Strategy::crop,
       {at_its_size({936, 936, 256, 256})}},
      {"one pixel more takes the next size",
       {3000, 2000},
       {{1000, 1000, 129, 128}},
       Strategy::crop,
       {at_its_size({808, 808, 512, 512})}},
      {"from 128 px on the margin is half of the longer side",
       {3000, 2000},
       {{1000, 500, 384, 10}},
       Strategy::crop,
       {at_its_size({808, 121, 768, 768})}},
      {"a window moves into the picture",
       {3000, 2000},
       {{2990, 1990, 10, 10}},
       Strategy::crop,
       {at_its_size({2744, 1744, 256, 256})}},
      {"a window is clipped to a smaller picture",
       {2000, 100},
       {{1000, 40, 10, 10}},
       Strategy::crop,
       {at_its_size({877, 0, 256, 100})}},
      {"the largest window when only the margin is too much",
       {3000, 2000},
       {{500, 500, 1024, 700}},
       Strategy::crop,
       {at_its_size({500, 338, 1024, 1024})}},
      {"a hole larger than every window is resized",
       {3000, 2000},
       {{500, 500, 1025, 700}, {2, 2, 9, 9}},
       Strategy::automatic,
       {{{0, 0, 3000, 2000}, {1024, 683}}}},
      {"near holes share a window",
       {3000, 2000},
       {{1000, 1000, 20, 20}, {1100, 1040, 20, 20}},
       Strategy::crop,
       {at_its_size({932, 902, 256, 256})}},
      {"far holes have their own",
       {3000, 2000},
       {{200, 200, 20, 20}, {2000, 1000, 20, 20}},
       Strategy::crop,
       {at_its_size({82, 82, 256, 256}), at_its_size({1882, 882, 256, 256})}},
      {"two small windows are cheaper than one of twice the side",
       {3000, 2000},
       {{1000, 1000, 20, 20}, {1200, 1000, 20, 20}},
       Strategy::crop,
       {at_its_size({882, 882, 256, 256}), at_its_size({1082, 882, 256, 256})}},
  };
  for (const auto& row : table) {
    CAPTURE(row.title);
    CHECK(text(plan_runs(row.picture, row.holes, row.strategy, {})) == text(row.runs));
  }
}

TEST_CASE("window sizes follow the limits: canonical sizes up to window_max, at least 256") {
  const std::vector<Rect> hole{{500, 500, 400, 400}};
  CHECK(plan_runs({2000, 2000}, hole, Strategy::crop, {.window_max = 800})[0].window == Rect{316, 316, 768, 768});
  CHECK(plan_runs({2000, 2000}, hole, Strategy::crop, {.window_max = 511})[0].scaled == Size{511, 511});
  const std::vector<Rect> small{{500, 500, 200, 200}};
  CHECK(plan_runs({2000, 2000}, small, Strategy::crop, {.window_max = 100})[0].scaled == Size{256, 256});
}

TEST_CASE("every hole lies wholly in its home window, and no more than 64 windows are planned") {
  std::vector<Rect> holes;
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 6; ++x) holes.push_back({x * 300 + (y * 37) % 90, y * 170, 11 + x * 9, 7 + y});
  const Size picture{2000, 7000};
  const auto runs = plan_runs(picture, holes, Strategy::crop, {});
  CHECK(runs.size() > 1);
  CHECK(runs.size() <= 64);
  std::vector<Rect> windows;
  for (const auto& run : runs) windows.push_back(run.window);
  for (const Rect& hole : holes) {
    const Rect window = windows[home_window(hole, windows, picture)];
    CHECK(hole.x >= window.x);
    CHECK(hole.y >= window.y);
    CHECK(hole.right() <= window.right());
    CHECK(hole.bottom() <= window.bottom());
  }
}

TEST_CASE("64 windows are planned, 65 become one resized run") {
  std::vector<Rect> holes;
  for (int i = 0; i < 64; ++i) holes.push_back({i * 2000, 0, 900, 900});
  CHECK(plan_runs({140'000, 2000}, holes, Strategy::crop, {}).size() == 64);
  holes.push_back({64 * 2000, 0, 900, 900});
  CHECK(plan_runs({140'000, 2000}, holes, Strategy::crop, {}) ==
        std::vector<Placement>{{{0, 0, 140'000, 2000}, {1024, 15}}});
}

TEST_CASE("the home window is the one with most context on its poorest side; the picture's edge takes none away") {
  const std::vector<Rect> windows{{0, 0, 256, 256}, {100, 0, 256, 256}, {100, 0, 256, 256}};
  CHECK(home_window({10, 100, 10, 10}, windows, {2000, 2000}) == 0);
  CHECK(home_window({120, 100, 10, 10}, windows, {2000, 2000}) == 0);
  CHECK(home_window({220, 100, 10, 10}, windows, {2000, 2000}) == 1);
  CHECK(home_window({345, 100, 10, 10}, windows, {356, 2000}) == 1);
}

TEST_CASE("holes are the boxes of connected pixels, diagonals included, from top to bottom") {
  CHECK(find_holes(mask({"....", "...."})).empty());
  CHECK(find_holes(mask({"#...#", ".#...", "....#"})) == std::vector<Rect>{{0, 0, 2, 2}, {4, 0, 1, 1}, {4, 2, 1, 1}});
}

TEST_CASE("holes whose boxes meet are one") {
  CHECK(find_holes(mask({"#####", "#...#", "#.#.#", "#...#", "#####"})) == std::vector<Rect>{{0, 0, 5, 5}});
  CHECK(find_holes(mask({"#..#.", "#....", "##.##"})) == std::vector<Rect>{{0, 0, 2, 3}, {3, 0, 1, 1}, {3, 2, 2, 1}});
}

TEST_CASE("specks beyond counting become at most 256 boxes that cover every one") {
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

TEST_CASE("256 holes are told apart") {
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

}  // namespace
}  // namespace inpaintd
