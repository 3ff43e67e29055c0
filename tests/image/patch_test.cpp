// SPDX-License-Identifier: Apache-2.0
#include "image/patch.h"

#include <doctest/doctest.h>

#include "tests/image/fixtures.h"
#include "tests/image/retouch_support.h"

namespace inpaintd {
namespace {

using namespace fixtures;
using namespace test;

/// The service's answer to a request for the picture in `source`, with noise in the holes.
EncodedPicture answered(const std::string& source, const Options& options, const std::vector<Rect>& holes) {
  return answer_of_noise(prepared(request_for(source, holes, options)));
}

const std::vector<Rect> two_holes{{10, 12, 9, 7}, {40, 30, 5, 5}};

}  // namespace

TEST_CASE("pasting a patch gives the bytes of the whole picture that the service would have sent") {
  const std::string head("Exif\0\0", 6);
  const std::string sources[] = {jpeg(noise(64, 48, 3, 1), {.quality = 80, .icc = rgb_profile()}),
                                 jpeg(noise(48, 64, 3, 1), {.quality = 80, .exif = head + exif(6)}),
                                 jpeg(noise(64, 48, 1, 2), {.quality = 60}),
                                 png(noise(64, 48, 4, 3), rgb_profile()),
                                 png(noise(64, 48, 2, 4)),
                                 lossy_webp(noise(64, 48, 3, 5)),
                                 webp(noise(64, 48, 4, 6))};
  for (const std::string& source : sources)
    for (const Options& options : {Options{}, Options{Format::jpeg, 70}, Options{Format::png},
                                   Options{.format = Format::webp, .feather = 2, .lossless = true}}) {
      Options patch = options;
      patch.format = Format::png;
      patch.region = Region::patch;
      patch.quality.reset();
      patch.lossless.reset();
      const EncodedPicture part = answered(source, patch, two_holes);
      const auto whole =
          paste_patch(file(source).data, file(part.bytes).data, part.region, RectMask{two_holes}, options);
      REQUIRE_MESSAGE(whole, whole.error().message);
      const EncodedPicture full = answered(source, options, two_holes);
      CHECK(whole->bytes == full.bytes);
      CHECK(whole->exact == full.exact);
    }
}

TEST_CASE("a patch that does not fit into the picture is refused") {
  const std::string source = png(noise(20, 10, 3, 1)), patch = png(noise(4, 3, 3, 2));
  const auto paste = [&](const Rect& region) {
    return bool(paste_patch(file(source).data, file(patch).data, region, RectMask{{{0, 0, 1, 1}}}, {}));
  };
  CHECK(paste({16, 7, 4, 3}));
  for (const Rect& region :
       {Rect{17, 7, 4, 3}, Rect{16, 8, 4, 3}, Rect{-1, 0, 4, 3}, Rect{0, -1, 4, 3}, Rect{0, 0, 3, 3}, Rect{0, 0, 4, 4}})
    CHECK(!paste(region));
  CHECK(!paste_patch(file("none").data, file(patch).data, {0, 0, 4, 3}, RectMask{{{0, 0, 1, 1}}}, {}));
  CHECK(!paste_patch(file(source).data, file("none").data, {0, 0, 4, 3}, RectMask{{{0, 0, 1, 1}}}, {}));
}

TEST_CASE(
    "the estimated size of an answer is that of the picture in the request, unless the answer is encoded differently") {
  const std::string source = jpeg(noise(100, 50, 3, 1), {.quality = 10});
  const auto estimate = [&](const Options& options) { return *estimated_answer_bytes(file(source).data, options); };
  CHECK(estimate({}) == source.size());
  CHECK(estimate({.format = Format::png}) == 15'000);
  CHECK(estimate({.format = Format::webp, .lossless = true}) == 15'000);
  CHECK(estimate({.quality = 100}) == std::max<std::size_t>(source.size(), 2'500));
  CHECK(!estimated_answer_bytes(file("none").data, {}));
}

}  // namespace inpaintd
