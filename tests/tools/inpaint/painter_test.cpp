// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint/painter.h"

#include <doctest/doctest.h>

#include "image/codec.h"

namespace inpaintd::tools {
namespace {

std::string encoded(int width, int height, Format format) {
  Picture picture;
  picture.rgb = Pixels(width, height, 3, 90);
  return *encode_image(picture, format);
}

/// The message of the failure; empty for an answer that is complete.
std::string fault(const std::string& answer, const Options& options = {}) {
  const auto complete = check_complete({answer, {}, {}}, as_bytes(encoded(60, 40, Format::png)), options);
  return complete ? "" : complete.error().message;
}

TEST_CASE("an answer is used if it is a complete picture of the size of the request's picture") {
  for (const Format format : {Format::jpeg, Format::png, Format::webp}) {
    const std::string whole = encoded(60, 40, format);
    CHECK(fault(whole).empty());
    CHECK(fault(encoded(40, 60, format)).empty());  // an EXIF orientation exchanges the sides
    CHECK(fault(encoded(60, 41, format)) ==
          "the answer is not used, because it shows 60 x 41 pixels and the picture 60 x 40; no file was changed; try "
          "again");
    CHECK_FALSE(fault(whole.substr(0, whole.size() - 20)).empty());
  }
  CHECK_FALSE(fault("").empty());
  CHECK_FALSE(fault("no picture").empty());
}

TEST_CASE("an answer that shows a part is used if it is not larger than the picture") {
  const Options patch{.region = Region::patch};
  CHECK(fault(encoded(1, 1, Format::png), patch).empty());
  CHECK(fault(encoded(60, 40, Format::png), patch).empty());
  CHECK_FALSE(fault(encoded(61, 1, Format::png), patch).empty());
}

TEST_CASE("an answer of raw pixels is used if it has as many bytes as the picture") {
  const Options raw{.format = Format::raw};
  const Options patch{.format = Format::raw, .region = Region::patch};
  const std::string all(std::size_t{60} * 40 * 3, 'x');
  CHECK(fault(all, raw).empty());
  CHECK_FALSE(fault(all.substr(3), raw).empty());
  CHECK(fault(all.substr(3), patch).empty());
  CHECK_FALSE(fault(all + "xyz", patch).empty());
}

}  // namespace
}  // namespace inpaintd::tools
