// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/requests.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <variant>

#include "bus/wire/wire.h"
#include "image/pipeline.h"

namespace inpaintd::tools {
namespace {

struct Fixture {
  LoadOptions options;
  std::vector<LoadPicture> pictures;
  Fixture() {
    options.mix.sides = {{32, 1}, {64, 1}};
    options.timeout = std::chrono::milliseconds(1234);
  }
  RequestMaker make(Format format) {
    options.format = format;
    pictures = *prepare_pictures(sides_of(options.mix), format, "", 3, 1);
    return {options, pictures};
  }
};

/// Decodes and prepares a request as the service does.
Result<Input> prepared(Bytes bytes) {
  const auto request = wire::decode_request(bytes);
  if (!request) return request.error();
  return prepare(*request, ImageLimits{}, TilingLimits{});
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a request carries its own id, picture and mask, whatever was encoded before it") {
  for (Format format : {Format::raw, Format::jpeg}) {
    CAPTURE(name(format));
    RequestMaker maker = make(format);
    for (std::size_t number : {0, 1, 7, 100, 1, 7}) {
      const Choice choice = maker.choice(number);
      const auto request = wire::decode_request(maker.encode(number, choice));
      REQUIRE(request);
      CHECK(request->id == maker.id(number));
      CHECK(request->timeout == std::chrono::milliseconds(1234));
      const auto& mask = std::get<BitMask>(request->mask);
      const DrawnMask expected = maker.mask(choice);
      CHECK(std::ranges::equal(mask.data, expected.bits));
      const Bytes image =
          format == Format::raw ? std::get<RawPixels>(request->image).data : std::get<EncodedFile>(request->image).data;
      CHECK(std::ranges::equal(image, as_bytes(maker.picture(choice).bytes)));
    }
    CHECK(maker.id(1) != maker.id(2));
  }
}

TEST_CASE_FIXTURE(Fixture, "the service refuses poison, and encoding poison does not damage the next request") {
  for (Format format : {Format::raw, Format::png, Format::jpeg, Format::webp}) {
    CAPTURE(name(format));
    RequestMaker maker = make(format);
    for (std::size_t side : {0, 1}) {
      Choice choice = maker.choice(1);
      choice.side = side;
      choice.fate = Fate::broken_picture;
      const auto broken = prepared(maker.encode(1, choice));
      REQUIRE_FALSE(broken);
      CHECK(broken.error().code == ErrorCode::unsupported_image);
      choice.fate = Fate::wrong_mask;
      const auto masked = prepared(maker.encode(1, choice));
      REQUIRE_FALSE(masked);
      CHECK(masked.error().code == ErrorCode::size_mismatch);
      choice.fate = Fate::answer;
      CHECK(prepared(maker.encode(1, choice)));
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "the largest request carries one of the largest pictures") {
  RequestMaker maker = make(Format::raw);
  const auto input = prepared(maker.encode_largest());
  REQUIRE(input);
  CHECK(input->picture.rgb.size() == Size{64, 64});
}

}  // namespace inpaintd::tools
