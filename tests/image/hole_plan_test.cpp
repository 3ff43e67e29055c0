// SPDX-License-Identifier: Apache-2.0
#include "image/hole_plan.h"

#include <doctest/doctest.h>

#include "image/pipeline.h"
#include "tests/image/fixtures.h"
#include "tests/support/lookups.h"

namespace inpaintd {
namespace {

using namespace fixtures;

const TilingLimits small_tiles{.window_sides = {256}, .context = 0.5, .context_min = 16};

Pixels mask_with(Size size, const std::vector<Rect>& holes) {
  Pixels mask(size.width, size.height, 1);
  for (const Rect& hole : holes)
    for (int y = hole.y; y < hole.bottom(); ++y) std::fill_n(mask.row(y) + hole.x, hole.width, std::uint8_t{255});
  return mask;
}

Request request_of(const Pixels& rgb, const MaskSource& mask, const Options& options = {}) {
  Request request;
  request.image = RawPixels{rgb.width, rgb.height, bytes(rgb.bytes)};
  request.mask = mask;
  request.options = options;
  return request;
}

/// A cache of plans that counts its lookups.
struct KeptPlans {
  Lookups counts;
  LruCache<HolePlan> cache{1 << 24, counts.observer()};
  Fingerprinter fingerprinter;
  HolePlans plans{fingerprinter, cache};
};

TEST_CASE("the needed part of a prediction is the box of its dilated holes") {
  const auto plan = plan_holes(mask_with({200, 100}, {{20, 30, 10, 5}, {60, 50, 1, 1}}), {.dilate = 2}, small_tiles);
  CHECK(plan.box == Rect{18, 28, 45, 25});
  REQUIRE(plan.tiles.size() == 1);
  CHECK(plan.tiles[0].need == plan.box);
  REQUIRE(plan.patches.size() == 1);
  CHECK(plan.patches[0].area == plan.box);
  CHECK(plan.patches[0].weights.empty());
}

TEST_CASE("the needed part of a window has the holes that are filled from it, and no other hole in it") {
  const auto plan = plan_holes(mask_with({700, 256}, {{100, 100, 100, 100}, {260, 100, 110, 100}}),
                               {.strategy = Strategy::crop}, small_tiles);
  REQUIRE(plan.tiles.size() == 2);
  REQUIRE(plan.patches.size() == 2);
  for (const Patch& patch : plan.patches) {
    const Tile& tile = plan.tiles[patch.tile];
    CHECK(tile.need ==
          Rect{patch.area.x - tile.window.x, patch.area.y - tile.window.y, patch.area.width, patch.area.height});
  }
  CHECK(plan.patches[0].area == Rect{100, 100, 100, 100});
  CHECK(plan.patches[1].area == Rect{260, 100, 110, 100});
}

TEST_CASE("the needed part of a shrunk run has three more samples on each side, within the picture") {
  const TilingLimits limits{.window_sides = {256}};
  const auto middle = plan_holes(mask_with({1024, 512}, {{400, 200, 8, 8}}), {.strategy = Strategy::resize}, limits);
  CHECK(middle.tiles.at(0).scaled == Size{256, 128});
  CHECK(middle.tiles.at(0).need == Rect{97, 47, 8, 8});
  const auto corner = plan_holes(mask_with({1024, 512}, {{1023, 511, 1, 1}}), {.strategy = Strategy::resize}, limits);
  CHECK(corner.tiles.at(0).need == Rect{252, 124, 4, 4});
}

TEST_CASE("the plan of an empty mask has no tile") {
  const auto plan = plan_holes(Pixels(100, 100, 1), {.dilate = 5, .feather = 5}, small_tiles);
  CHECK(plan.box.empty());
  CHECK(plan.tiles.empty());
  CHECK(plan.patches.empty());
}

TEST_CASE("the size of a plan counts its masks and its weights") {
  const auto hard = plan_holes(mask_with({128, 128}, {{0, 0, 10, 10}}), {}, small_tiles);
  const auto soft = plan_holes(mask_with({128, 128}, {{0, 0, 10, 10}}), {.feather = 3}, small_tiles);
  constexpr std::size_t masks = 128 * 128 + 256 * 256;  // of the picture and of the tile
  CHECK(bytes_of(hard) >= masks);
  CHECK(bytes_of(hard) < masks + 1000);
  CHECK(bytes_of(soft) == bytes_of(hard) + 10 * 10 * sizeof(float));
}

TEST_CASE("requests with the same mask share its plan, unless their options or picture sizes differ") {
  KeptPlans kept;
  const Pixels first = noise(64, 64, 3, 1), second = noise(64, 64, 3, 2), wide = noise(128, 64, 3, 3);
  const TilingLimits limits{.window_sides = {64}};
  const MaskSource mask = RectMask{{{3, 4, 10, 11}}};
  const auto a = prepare(request_of(first, mask), {}, limits, &kept.plans);
  const auto b =
      prepare(request_of(second, mask, {.format = Format::png, .region = Region::patch}), {}, limits, &kept.plans);
  REQUIRE(a);
  REQUIRE(b);
  CHECK(a->holes == b->holes);
  CHECK(a->tiles[0].mask == b->tiles[0].mask);
  CHECK(a->tiles[0].image != b->tiles[0].image);
  CHECK(*b->tiles[0].image == second);
  CHECK(prepare(request_of(wide, mask), {}, limits, &kept.plans)->holes != a->holes);
  CHECK(prepare(request_of(first, mask, {.dilate = 1}), {}, limits, &kept.plans)->holes != a->holes);
  CHECK(prepare(request_of(first, mask), {}, limits)->holes != a->holes);  // without a cache
  CHECK(kept.counts.hits == 1);
  CHECK(kept.counts.misses == 3);
}

TEST_CASE("an answer with a reused plan equals the answer with a new plan byte by byte") {
  KeptPlans kept;
  const Pixels first = noise(601, 403, 3, 1), rgb = noise(601, 403, 3, 2);
  const MaskSource mask = RectMask{{{0, 0, 30, 20}, {200, 100, 100, 60}, {290, 90, 60, 20}, {580, 390, 21, 13}}};
  for (const Strategy strategy : {Strategy::automatic, Strategy::whole, Strategy::crop, Strategy::resize}) {
    const Options options{.strategy = strategy, .dilate = 2, .feather = 6};
    REQUIRE(prepare(request_of(first, mask, options), {}, small_tiles, &kept.plans));
    const auto reused = prepare(request_of(rgb, mask, options), {}, small_tiles, &kept.plans);
    const auto anew = prepare(request_of(rgb, mask, options), {}, small_tiles);
    REQUIRE(reused);
    REQUIRE(anew);
    REQUIRE(reused->tiles.size() == anew->tiles.size());
    std::vector<Pixels> predictions;
    for (const Tile& tile : anew->tiles)
      predictions.push_back(noise(tile.network_size().width, tile.network_size().height, 3, 9));
    CHECK(render(*reused, predictions)->bytes == render(*anew, predictions)->bytes);
  }
  CHECK(kept.counts.hits == 4);
}

TEST_CASE("a mask that does not fit its picture is refused each time, and no plan is kept") {
  KeptPlans kept;
  const Pixels rgb = noise(64, 64, 3, 1);
  const MaskSource outside = RectMask{{{60, 60, 10, 10}}};
  for (int i = 0; i < 2; ++i) {
    const auto input = prepare(request_of(rgb, outside), {}, {}, &kept.plans);
    REQUIRE_FALSE(input);
    CHECK(input.error().code == ErrorCode::bad_request);
  }
  CHECK(kept.counts.hits == 0);
  CHECK(kept.cache.bytes() == 0);
}

}  // namespace
}  // namespace inpaintd
