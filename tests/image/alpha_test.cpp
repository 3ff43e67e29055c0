// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/image/retouch_support.h"

namespace inpaintd {
namespace {

using namespace fixtures;
using namespace test;

/// An opaque green disc on transparent pixels, whose hidden colour is black.
Pixels disc() {
  Pixels rgba(60, 60, 4);
  for (int y = 0; y < 60; ++y)
    for (int x = 0; x < 60; ++x)
      if ((x - 30) * (x - 30) + (y - 30) * (y - 30) < 400) {
        rgba.row(y)[4 * x + 1] = 200;
        rgba.row(y)[4 * x + 3] = 255;
      }
  return rgba;
}

TEST_CASE("a hole keeps its alpha, or gets that of its surroundings") {
  Pixels rgba = disc();
  for (int y = 25; y < 35; ++y)
    for (int x = 25; x < 35; ++x) rgba.row(y)[4 * x + 3] = 0;  // erased
  for (const std::string& source : {png(rgba), webp(rgba)}) {
    const std::vector<Rect> erased{{25, 25, 10, 10}};
    const auto kept = decoded(answer_of_noise(prepared(request_for(source, erased))).bytes);
    CHECK(kept.alpha == decoded(source).alpha);
    const auto answer = answer_of_noise(prepared(request_for(source, erased, {.alpha = AlphaFill::fill})));
    const Picture filled = decoded(answer.bytes);
    CHECK(answer.exact == Exact::pixels);
    for (int y = 25; y < 35; ++y)
      CHECK(std::all_of(filled.alpha.row(y) + 25, filled.alpha.row(y) + 35, [](int a) { return a == 255; }));
    CHECK(filled.alpha.row(0)[0] == 0);
  }
}

TEST_CASE("the colours under transparent pixels are kept, and the network sees those of visible pixels instead") {
  Pixels rgba = disc();
  rgba.row(0)[0] = 123;  // hidden
  const std::string source = png(rgba);
  const Input input = prepared(request_for(source, {{5, 20, 20, 20}}));
  const auto* seen = input.tiles.at(0).image->row(2);
  CHECK(seen[0] == 0);
  CHECK(seen[1] == 200);
  CHECK(decoded(answer_of_noise(input).bytes).rgb.row(0)[0] == 123);
}

}  // namespace
}  // namespace inpaintd
