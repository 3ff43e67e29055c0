// SPDX-License-Identifier: Apache-2.0
#include "image/fingerprint.h"

#include <doctest/doctest.h>

#include <set>
#include <vector>

#include "tests/image/fixtures.h"

namespace inpaintd {
namespace {

using namespace fixtures;

const std::vector<std::uint8_t> picture(12, 7), other_picture(12, 8), mask_bytes{0, 255, 0, 0};

Request plain() {
  Request request;
  request.image = RawPixels{2, 2, bytes(picture)};
  request.mask = RawPixels{2, 2, bytes(mask_bytes)};
  return request;
}

TEST_CASE("requests that differ in any part that determines the answer have different fingerprints") {
  std::vector<Request> requests{plain()};
  const auto vary = [&](auto change) {
    requests.push_back(plain());
    change(requests.back());
  };
  vary([](Request& r) { r.image = RawPixels{2, 2, bytes(other_picture)}; });
  vary([](Request& r) { r.image = RawPixels{4, 1, bytes(picture)}; });
  vary([](Request& r) { r.image = RawPixels{1, 4, bytes(picture)}; });
  vary([](Request& r) { r.image = EncodedFile{bytes(picture)}; });
  vary([](Request& r) { r.mask = EncodedFile{bytes(mask_bytes)}; });
  vary([](Request& r) { r.mask = BitMask{2, 2, bytes(mask_bytes)}; });
  vary([](Request& r) { r.mask = RawPixels{2, 2, {}}; });
  vary([](Request& r) { r.mask = RectMask{}; });
  vary([](Request& r) { r.mask = RectMask{{{0, 0, 1, 1}}}; });
  vary([](Request& r) { r.mask = RectMask{{{0, 0, 1, 1}, {1, 1, 1, 1}}}; });
  vary([](Request& r) { r.mask = RectMask{{{1, 1, 1, 1}, {0, 0, 1, 1}}}; });
  vary([](Request& r) { r.options.format = Format::png; });
  vary([](Request& r) { r.options.quality = 94; });
  vary([](Request& r) { r.options.lossless = true; });
  vary([](Request& r) { r.options.lossless = false; });
  vary([](Request& r) { r.options.alpha = AlphaFill::fill; });
  vary([](Request& r) { r.options.region = Region::patch; });
  vary([](Request& r) { r.options.strategy = Strategy::whole; });
  vary([](Request& r) { r.options.dilate = 1; });
  vary([](Request& r) { r.options.feather = 1; });
  vary([](Request& r) { r.options.mask_values = MaskValues::alpha; });
  vary([](Request& r) { r.options.background = {254, 255, 255}; });
  vary([](Request& r) { r.options.background = {255, 254, 255}; });
  vary([](Request& r) { r.options.background = {255, 255, 254}; });
  vary([](Request& r) { std::swap(std::get<RawPixels>(r.image).data, std::get<RawPixels>(r.mask).data); });

  const Fingerprinter fingerprinter;
  std::set<Fingerprint> prints;
  for (const Request& request : requests) prints.insert(fingerprinter.of(request));
  CHECK(prints.size() == requests.size());
}

TEST_CASE("equal contents at other addresses, and another id, deadline or priority, give the same fingerprint") {
  const Fingerprinter fingerprinter;
  const auto expected = fingerprinter.of(plain());
  const std::vector<std::uint8_t> copy = picture;
  Request request = plain();
  request.image = RawPixels{2, 2, bytes(copy)};
  request.id = "somebody";
  request.timeout = std::chrono::milliseconds(17);
  request.progress = true;
  CHECK(fingerprinter.of(request) == expected);
}

TEST_CASE("two fingerprinters give different fingerprints, so that clients cannot predict them") {
  CHECK(Fingerprinter().of(plain()) != Fingerprinter().of(plain()));
}

TEST_CASE(
    "the fingerprint of a mask depends on its bytes, the size of the picture and the options for holes and tiles") {
  const Fingerprinter fingerprinter;
  const MaskSource mask = RectMask{{{0, 0, 1, 1}}}, other = RectMask{{{0, 0, 2, 1}}};
  std::set<Fingerprint> prints{
      fingerprinter.of(mask, {8, 4}, {}),
      fingerprinter.of(other, {8, 4}, {}),
      fingerprinter.of(mask, {4, 8}, {}),
      fingerprinter.of(mask, {8, 4}, {.strategy = Strategy::crop}),
      fingerprinter.of(mask, {8, 4}, {.dilate = 3}),
      fingerprinter.of(mask, {8, 4}, {.feather = 3}),
      fingerprinter.of(mask, {8, 4}, {.mask_values = MaskValues::nonzero}),
  };
  CHECK(prints.size() == 7);
  const Options same{.format = Format::webp, .quality = 3, .region = Region::patch};
  CHECK(fingerprinter.of(mask, {8, 4}, same) == fingerprinter.of(mask, {8, 4}, {}));
}

}  // namespace
}  // namespace inpaintd
