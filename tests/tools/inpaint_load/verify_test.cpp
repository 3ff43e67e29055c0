// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/verify.h"

#include <doctest/doctest.h>

#include "image/codec.h"

namespace inpaintd::tools {
namespace {

LoadPicture picture_of(Format format, std::uint64_t seed) {
  return prepare_pictures({64}, format, "", 1, seed)->front();
}

/// The answer of a service that fills nothing.
wire::Done answer_with(const LoadPicture& picture) {
  wire::Done done;
  done.image = as_bytes(picture.bytes);
  done.format = picture.format;
  done.size = picture.size;
  done.region = {0, 0, picture.size.width, picture.size.height};
  return done;
}

}  // namespace

TEST_CASE("the picture that was sent is a right answer, and another picture is not") {
  const DrawnMask mask = draw_mask(MaskKind::box, {64, 64}, 1);
  for (Format format : {Format::raw, Format::png, Format::jpeg, Format::webp}) {
    CAPTURE(name(format));
    const LoadPicture sent = picture_of(format, 1);
    CHECK_FALSE(find_fault(sent, mask, answer_with(sent)));
    CHECK(find_fault(sent, mask, answer_with(picture_of(format, 2))) ==
          "pixels outside of the holes differ from those that were sent");
  }
}

TEST_CASE("a pixel in a hole may change, and a known pixel may not change by even one level") {
  LoadPicture sent = picture_of(Format::raw, 1);
  DrawnMask mask{{64, 64}, std::vector<std::uint8_t>(8 * 64)};
  mask.bits[0] = 0x80;  // the first pixel alone
  LoadPicture answer = sent;
  answer.bytes[2] ^= 1;
  CHECK_FALSE(find_fault(sent, mask, answer_with(answer)));
  answer.bytes[3] ^= 1;
  CHECK(find_fault(sent, mask, answer_with(answer)));
}

TEST_CASE("a patch is compared with the pixels at its place in the picture") {
  const LoadPicture sent = picture_of(Format::raw, 1);
  const DrawnMask mask{{64, 64}, std::vector<std::uint8_t>(8 * 64)};
  std::string patch;
  for (int y = 10; y < 12; ++y) patch += sent.bytes.substr(static_cast<std::size_t>((y * 64 + 5) * 3), 4 * 3);
  wire::Done done = answer_with(sent);
  done.image = as_bytes(patch);
  done.size = {4, 2};
  done.region = {5, 10, 4, 2};
  CHECK_FALSE(find_fault(sent, mask, done));
  done.region.x = 6;
  CHECK(find_fault(sent, mask, done));
}

TEST_CASE("an answer that cannot belong to its request is refused with a reason") {
  const LoadPicture sent = picture_of(Format::raw, 1);
  const DrawnMask mask = draw_mask(MaskKind::box, {64, 64}, 1);
  wire::Done done = answer_with(sent);
  done.region.x = 1;
  CHECK(find_fault(sent, mask, done) == "the answer's region is not inside the picture");
  done = answer_with(sent);
  done.size.width = 63;
  CHECK(find_fault(sent, mask, done) == "the answer's size differs from that of its region");
  done = answer_with(sent);
  done.image = done.image.first(100);
  CHECK(find_fault(sent, mask, done)->starts_with("the answer cannot be decoded: "));
}

}  // namespace inpaintd::tools
