// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "image/geometry.h"

namespace inpaintd {

namespace {

struct PlanCase {
  const char* title;
  Size picture;
  std::vector<Rect> holes;
  Strategy strategy;
  std::vector<Placement> runs;
};

/// A window that is a square of the ladder.
Placement at_its_size(const Rect& window) {
  return {window, {window.width, window.height}, {window.width, window.height}};
}

std::string text(const std::vector<Placement>& runs) {
  std::string out;
  for (const auto& [window, scaled, run] : runs)
    out += fmt::format("[{}, {}, {}, {}] at {}x{} in {}x{}; ", window.x, window.y, window.width, window.height,
                       scaled.width, scaled.height, run.width, run.height);
  return out;
}

void check(std::span<const PlanCase> table) {
  for (const auto& row : table) {
    CAPTURE(row.title);
    CHECK(text(plan_runs(row.picture, row.holes, row.strategy, {})) == text(row.runs));
  }
}

TEST_CASE("strategies whole and resize run the whole picture") {
  const std::vector<Rect> hole{{5, 5, 9, 9}};
  const PlanCase table[] = {
      {"without a hole nothing is run", {800, 600}, {}, Strategy::whole, {}},
      {"whole: at its own size", {3000, 2000}, hole, Strategy::whole, {at_its_size({0, 0, 3000, 2000})}},
      {"whole: mirrored to multiples of 8 from 64 on",
       {1021, 19},
       hole,
       Strategy::whole,
       {{{0, 0, 1021, 19}, {1021, 19}, {1024, 64}}}},
      {"resize: shrunk to the largest side of the ladder",
       {3000, 2000},
       hole,
       Strategy::resize,
       {{{0, 0, 3000, 2000}, {1024, 683}, {1024, 1024}}}},
      {"resize: mirrored to the next side of the ladder, and not enlarged",
       {300, 200},
       hole,
       Strategy::resize,
       {{{0, 0, 300, 200}, {300, 200}, {512, 512}}}},
      {"resize: both sides keep at least one pixel",
       {5000, 1},
       {{5, 0, 9, 1}},
       Strategy::resize,
       {{{0, 0, 5000, 1}, {1024, 1}, {1024, 1024}}}},
  };
  check(table);
}

TEST_CASE("a window is the smallest square of the ladder that holds the hole and its margin") {
  const Size large{3000, 2000};
  const PlanCase table[] = {
      {"256: a hole of 128 pixels and two margins of 64",
       large,
       {{1000, 1000, 128, 128}},
       Strategy::crop,
       {at_its_size({936, 936, 256, 256})}},
      {"512: one pixel more", large, {{1000, 1000, 129, 128}}, Strategy::crop, {at_its_size({808, 808, 512, 512})}},
      {"512: from 256 px on the margin is a quarter",
       large,
       {{1000, 500, 340, 340}},
       Strategy::crop,
       {at_its_size({914, 414, 512, 512})}},
      {"768: one pixel more", large, {{1000, 500, 341, 341}}, Strategy::crop, {at_its_size({786, 286, 768, 768})}},
      {"768: the longer side counts",
       large,
       {{1000, 500, 512, 10}},
       Strategy::crop,
       {at_its_size({872, 121, 768, 768})}},
      {"1024: the largest that is not shrunk",
       large,
       {{500, 500, 682, 10}},
       Strategy::crop,
       {at_its_size({329, 0, 1024, 1024})}},
      {"auto is crop", large, {{1000, 1000, 128, 128}}, Strategy::automatic, {at_its_size({936, 936, 256, 256})}},
  };
  check(table);
}

TEST_CASE("a hole that is too large with its margin is shrunk with its surroundings to the largest window") {
  const Size large{3000, 2000};
  const PlanCase table[] = {
      {"by one pixel",
       large,
       {{500, 500, 683, 10}},
       Strategy::crop,
       {{{329, 0, 1025, 1025}, {1024, 1024}, {1024, 1024}}}},
      {"up to the picture's edges",
       large,
       {{500, 500, 1600, 700}},
       Strategy::automatic,
       {{{100, 0, 2400, 2000}, {1024, 853}, {1024, 1024}}}},
      {"everything",
       large,
       {{0, 0, 3000, 2000}},
       Strategy::automatic,
       {{{0, 0, 3000, 2000}, {1024, 683}, {1024, 1024}}}},
      {"a small hole elsewhere has a window of its own",
       large,
       {{2, 2, 9, 9}, {1500, 500, 1000, 700}},
       Strategy::automatic,
       {at_its_size({0, 0, 256, 256}), {{1250, 100, 1500, 1500}, {1024, 1024}, {1024, 1024}}}},
  };
  check(table);
}

TEST_CASE("a window lies inside the picture, and a margin ends at the edge of the picture") {
  const PlanCase table[] = {
      {"in the lower right corner",
       {3000, 2000},
       {{2990, 1990, 10, 10}},
       Strategy::crop,
       {at_its_size({2744, 1744, 256, 256})}},
      {"at the left edge", {3000, 2000}, {{0, 500, 400, 10}}, Strategy::crop, {at_its_size({0, 249, 512, 512})}},
      {"in the upper left corner", {3000, 2000}, {{0, 0, 204, 204}}, Strategy::crop, {at_its_size({0, 0, 512, 512})}},
      {"in the upper left corner, one size less",
       {3000, 2000},
       {{0, 0, 192, 192}},
       Strategy::crop,
       {at_its_size({0, 0, 256, 256})}},
      {"a flat picture",
       {2000, 100},
       {{1000, 40, 10, 10}},
       Strategy::crop,
       {{{877, 0, 256, 100}, {256, 100}, {256, 256}}}},
      {"smaller than the smallest window",
       {100, 80},
       {{5, 5, 9, 9}},
       Strategy::automatic,
       {{{0, 0, 100, 80}, {100, 80}, {256, 256}}}},
      {"one pixel", {1, 1}, {{0, 0, 1, 1}}, Strategy::automatic, {{{0, 0, 1, 1}, {1, 1}, {256, 256}}}},
      {"nothing but a hole",
       {257, 200},
       {{0, 0, 257, 200}},
       Strategy::automatic,
       {{{0, 0, 257, 200}, {257, 200}, {512, 512}}}},
  };
  check(table);
}

TEST_CASE("holes share a window if that costs no more pixels") {
  std::vector<Rect> grid;
  for (int i = 0; i < 9; ++i) grid.push_back({40 + i % 3 * 300, 40 + i / 3 * 300, 20, 20});
  const PlanCase table[] = {
      {"near holes share a window",
       {3000, 2000},
       {{1000, 1000, 20, 20}, {1100, 1040, 20, 20}},
       Strategy::crop,
       {at_its_size({932, 902, 256, 256})}},
      {"far holes do not share a window",
       {3000, 2000},
       {{200, 200, 20, 20}, {2000, 1000, 20, 20}},
       Strategy::crop,
       {at_its_size({82, 82, 256, 256}), at_its_size({1882, 882, 256, 256})}},
      {"two small windows are cheaper than one of twice the side",
       {3000, 2000},
       {{1000, 1000, 20, 20}, {1200, 1000, 20, 20}},
       Strategy::crop,
       {at_its_size({882, 882, 256, 256}), at_its_size({1082, 882, 256, 256})}},
      {"a small hole shares a large window that has room",
       {3000, 2000},
       {{1000, 1000, 400, 400}, {1500, 1100, 20, 20}},
       Strategy::crop,
       {at_its_size({858, 816, 768, 768})}},
      {"nine windows of 256 cost as much as one of 768",
       {720, 720},
       grid,
       Strategy::crop,
       {{{0, 0, 720, 720}, {720, 720}, {768, 768}}}},
  };
  check(table);
  grid.pop_back();
  CHECK(plan_runs({720, 720}, grid, Strategy::crop, {}).size() == 8);
}

TEST_CASE("the ladder may have one side, and sides that are not multiples of 256") {
  const std::vector<Rect> hole{{500, 500, 400, 400}};
  const auto run = [&](std::vector<int> sides) {
    return text(plan_runs({2000, 2000}, hole, Strategy::crop, {.window_sides = std::move(sides)}));
  };
  CHECK(run({640}) == "[380, 380, 640, 640] at 640x640 in 640x640; ");
  CHECK(run({64, 600, 608}) == "[400, 400, 600, 600] at 600x600 in 600x600; ");
  CHECK(run({512}) == "[400, 400, 600, 600] at 512x512 in 512x512; ");
}

/// Holes of several sizes in the corners, at the edges and in the middle.
std::vector<Rect> holes_in(Size picture) {
  std::vector<Rect> holes;
  for (const double share : {0.01, 0.1, 0.3, 0.5, 0.8, 1.0}) {
    const int width = std::max(1, static_cast<int>(picture.width * share));
    const int height = std::max(1, static_cast<int>(picture.height * share));
    for (int place = 0; place < 9; ++place)
      holes.push_back(
          {(picture.width - width) * (place % 3) / 2, (picture.height - height) * (place / 3) / 2, width, height});
  }
  return holes;
}

TEST_CASE("for every picture and hole, the network is run at sizes of the ladder only") {
  for (const std::vector<int>& sides : {std::vector{256, 512, 768, 1024}, std::vector{64}, std::vector{328, 1000}}) {
    const TilingLimits limits{.window_sides = sides};
    for (const Size picture : {Size{1, 1}, Size{100, 80}, Size{255, 257}, Size{300, 200}, Size{512, 512},
                               Size{1023, 1025}, Size{1300, 900}, Size{5000, 300}, Size{3, 4000}})
      for (const Rect& hole : holes_in(picture))
        for (const Strategy strategy : {Strategy::automatic, Strategy::crop, Strategy::resize}) {
          const std::vector<Rect> holes{hole};
          const auto runs = plan_runs(picture, holes, strategy, limits);
          CAPTURE(text(runs));
          REQUIRE(runs.size() == 1);
          const auto& [window, scaled, run] = runs[0];
          REQUIRE(run.width == run.height);
          REQUIRE(std::ranges::count(sides, run.width) == 1);
          const Size most = largest_run(picture, strategy, limits);
          REQUIRE((run.width <= most.width && run.height <= most.height));
          REQUIRE((scaled.width <= run.width && scaled.height <= run.height && scaled.width > 0 && scaled.height > 0));
          REQUIRE(
              (window.x >= 0 && window.y >= 0 && window.right() <= picture.width && window.bottom() <= picture.height));
          const int margin = std::max(64, (std::max(hole.width, hole.height) + 3) / 4);
          CHECK(window.x <= std::max(0, hole.x - margin));
          CHECK(window.y <= std::max(0, hole.y - margin));
          CHECK(window.right() >= std::min(picture.width, hole.right() + margin));
          CHECK(window.bottom() >= std::min(picture.height, hole.bottom() + margin));
        }
  }
}

TEST_CASE("every hole lies wholly in its home window, and no more than 64 windows are planned") {
  std::vector<Rect> holes;
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 6; ++x) holes.push_back({x * 300 + (y * 37) % 90, y * 170, 11 + x * 9, 7 + y});
  const Size picture{2000, 7000};
  const auto runs = plan_runs(picture, holes, Strategy::crop, {});
  CHECK(runs.size() > 1);
  CHECK(runs.size() <= 64);
  for (const Rect& hole : holes) {
    const Rect window = runs[home_run(hole, runs, picture, {})].window;
    CHECK(hole.x >= window.x);
    CHECK(hole.y >= window.y);
    CHECK(hole.right() <= window.right());
    CHECK(hole.bottom() <= window.bottom());
  }
}

TEST_CASE("64 windows are planned, and instead of 65 one resized run") {
  std::vector<Rect> holes;
  for (int i = 0; i < 64; ++i) holes.push_back({i * 2000, 0, 900, 900});
  CHECK(plan_runs({140'000, 2000}, holes, Strategy::crop, {}).size() == 64);
  holes.push_back({64 * 2000, 0, 900, 900});
  CHECK(plan_runs({140'000, 2000}, holes, Strategy::crop, {}) ==
        std::vector<Placement>{{{0, 0, 140'000, 2000}, {1024, 15}, {1024, 1024}}});
}

TEST_CASE("the home run of a hole has the largest smallest margin, and the edge of the picture does not count") {
  const std::vector<Placement> runs{at_its_size({0, 0, 256, 256}), at_its_size({100, 0, 256, 256}),
                                    at_its_size({100, 0, 256, 256})};
  CHECK(home_run({10, 100, 10, 10}, runs, {2000, 2000}, {}) == 0);
  CHECK(home_run({120, 100, 10, 10}, runs, {2000, 2000}, {}) == 0);
  CHECK(home_run({220, 100, 10, 10}, runs, {2000, 2000}, {}) == 1);
  CHECK(home_run({345, 100, 10, 10}, runs, {356, 2000}, {}) == 1);
}

TEST_CASE("a run that is not shrunk is the home run only if it shows the whole margin") {
  const Placement shrunk{{0, 0, 2000, 2000}, {1024, 1024}, {1024, 1024}};
  const Rect hole{1200, 1200, 20, 20};
  CHECK(home_run(hole, std::vector{shrunk, at_its_size({1100, 1100, 256, 256})}, {3000, 3000}, {}) == 1);
  CHECK(home_run(hole, std::vector{shrunk, at_its_size({1190, 1100, 256, 256})}, {3000, 3000}, {}) == 0);
}

TEST_CASE("a window whose hole is wider than the network fills well is run at a smaller side of the ladder") {
  const TilingLimits limits{.network = {.hole_width_max = 200}};
  const Placement run{{0, 0, 1024, 1024}, {1024, 1024}, {1024, 1024}};
  CHECK(shrunk_for(200, run, limits) == run);
  CHECK(shrunk_for(201, run, limits).run == Size{768, 768});
  CHECK(shrunk_for(267, run, limits).scaled == Size{512, 512});
  CHECK(shrunk_for(400, run, limits).run == Size{512, 512});
  CHECK(shrunk_for(2000, run, limits).run == Size{256, 256});
  CHECK(shrunk_for(2000, run, limits).window == run.window);
  CHECK(shrunk_for(2000, run, {}) == run);  // a network that fills every hole well
  const Placement shrunk_already{{0, 0, 2048, 1024}, {1024, 512}, {1024, 1024}};
  CHECK(shrunk_for(400, shrunk_already, limits) == shrunk_already);  // 200 pixels of the network
  CHECK(shrunk_for(800, shrunk_already, limits) == Placement{{0, 0, 2048, 1024}, {512, 256}, {512, 512}});
  const Placement smallest{{0, 0, 256, 256}, {256, 256}, {256, 256}};
  CHECK(shrunk_for(250, smallest, limits) == smallest);
}

}  // namespace

}  // namespace inpaintd
