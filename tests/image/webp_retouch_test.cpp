// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "image/formats/formats.h"
#include "image/patch.h"
#include "tests/image/retouch_support.h"

namespace inpaintd {
namespace {

using namespace fixtures;
using namespace test;

const std::vector<Rect> holes{{8, 6, 9, 7}};

TEST_CASE("a lossless WebP stays exact outside of the holes, with alpha, hidden colours, profile, EXIF and XMP") {
  for (const int channels : {3, 4})
    for (int orientation = 1; orientation <= 8; ++orientation) {
      CAPTURE(channels);
      CAPTURE(orientation);
      const std::string source =
          with_chunks(webp(noise(40, 30, channels, 3)),
                      {{"ICCP", rgb_profile()}, {"EXIF", exif(orientation)}, {"XMP ", "<x:xmpmeta/>"}});
      const auto answer = answer_of_colour(prepared(request_for(source, holes)), {1, 2, 3});
      CHECK(answer.exact == Exact::pixels);
      CHECK(answer.notes.empty());
      const WebpMetadata metadata = webp_metadata(file(answer.bytes).data);
      CHECK(metadata.icc == rgb_profile());
      CHECK(metadata.exif == exif(orientation));
      CHECK(metadata.xmp == "<x:xmpmeta/>");
      CHECK(webp_header(file(answer.bytes).data, {}).size == Size{40, 30});
      const Picture before = decoded(source), after = decoded(answer.bytes);
      CHECK(after.alpha == before.alpha);
      const Filled counts = compare(before, after, {8, 6, 9, 7}, {1, 2, 3});
      CHECK(counts.changed == 0);
      CHECK(counts.filled == 63);
    }
}

TEST_CASE("a lossy WebP stays lossy at about its quality, with its metadata") {
  Pixels smooth(64, 48, 3);
  for (std::size_t i = 0; i < smooth.bytes.size(); ++i) smooth.bytes[i] = static_cast<std::uint8_t>(i / 40);
  for (const int quality : {30, 60, 90}) {
    CAPTURE(quality);
    const std::string source = with_chunks(lossy_webp(smooth, quality), {{"EXIF", exif(6)}, {"XMP ", "<x:xmpmeta/>"}});
    const auto answer = answer_of_truth(prepared(request_for(source, holes)));
    CHECK(answer.exact == Exact::recoded);
    CHECK(webp_metadata(file(answer.bytes).data).exif == exif(6));
    CHECK(webp_metadata(file(answer.bytes).data).xmp == "<x:xmpmeta/>");
    const auto before = decoded(source).coding.quality, after = decoded(answer.bytes).coding.quality;
    REQUIRE(before);
    REQUIRE(after);
    CHECK(std::abs(*before - *after) <= 12);  // the encoder varies the quantiser with the content
  }
}

TEST_CASE("an animated WebP gives its first frame, and a note says so") {
  const std::string source = animated_webp(noise(40, 30, 4, 1), noise(40, 30, 4, 2));
  CHECK(has_note(answer_of_noise(prepared(request_for(source, holes))), "first_frame"));
}

TEST_CASE("the patch of a WebP, pasted into the file, gives the whole answer") {
  for (const int orientation : {1, 5, 8}) {
    const std::string source = with_chunks(webp(noise(40, 30, 4, 3)), {{"EXIF", exif(orientation)}});
    Request request = request_for(source, holes, {.feather = 2, .alpha = AlphaFill::fill});
    const EncodedPicture whole = answer_of_noise(prepared(request));
    request.options.region = Region::patch;
    request.options.format = Format::png;
    const EncodedPicture patch = answer_of_noise(prepared(request));
    request.options = {.feather = 2, .alpha = AlphaFill::fill};
    const auto pasted =
        paste_patch(file(source).data, file(patch.bytes).data, patch.region, request.mask, request.options);
    REQUIRE(pasted);
    CHECK(pasted->bytes == whole.bytes);
  }
}

}  // namespace
}  // namespace inpaintd
