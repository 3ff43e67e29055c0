// SPDX-License-Identifier: Apache-2.0
// The service refuses every kind of bad request with the reason, and continues to work.
#include "image/codec.h"
#include "tests/e2e/service_fixture.h"
#include "tests/support/eventually.h"

using namespace inpaintd;
using namespace inpaintd::test;
using namespace std::string_literals;

namespace {

std::string file(Format format, int side = 32) {
  Picture picture;
  picture.rgb = Pixels(side, side, 3, 90);
  return *encode_image(picture, format, 90);
}

std::string mask_file(int side, std::uint8_t value) {
  Picture picture;
  picture.rgb = Pixels(side, side, 3, value);
  picture.grey = true;
  return *encode_image(picture, Format::png, 90);
}

std::string request(const std::string& image, const std::string& mask) {
  return pack::map(2) + pack::text("image") + pack::bin(image) + pack::text("mask") + pack::bin(mask);
}

std::string with_options(const std::string& options) {
  std::string bytes = ServiceFixture::small_request();
  bytes[0] = pack::map(3)[0];
  return bytes + pack::text("options") + options;
}

std::string raw_picture(int width, int height, const std::string& data) {
  using namespace pack;
  return map(3) + text("w") + integer(width) + text("h") + integer(height) + text("data") + bin(data);
}

// Signature, header chunk and an empty data chunk of a PNG that claims 60000x60000 RGB pixels.
const std::string huge_png =
    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\x02\0\0\0\x0f\xb0\xe2\x15\0\0\0\0IDAT\x35\xaf\x06\x1e"s;

}  // namespace

TEST_CASE_FIXTURE(ServiceFixture,
                  "each kind of bad request is refused with its code, and the next good request gets its picture") {
  using namespace pack;
  const std::string good = small_request();
  const std::string png = file(Format::png), jpeg = file(Format::jpeg);
  const std::string hole = mask_file(32, 255);
  struct Row {
    const char* what;
    std::string bytes;
    ErrorCode code;
    const char* says;
  };
  const Row rows[] = {
      {"empty message", "", ErrorCode::bad_request, ""},
      {"not msgpack", "\xc1"s, ErrorCode::bad_request, ""},
      {"text", "hello", ErrorCode::bad_request, ""},
      {"truncated", good.substr(0, good.size() / 2), ErrorCode::bad_request, ""},
      {"one byte short", good.substr(0, good.size() - 1), ErrorCode::bad_request, ""},
      {"trailing bytes", good + "\xc0", ErrorCode::bad_request, ""},
      {"a length that claims 100 MB", map(1) + text("image") + "\xc6\x06\x00\x00\x00"s, ErrorCode::bad_request, ""},
      {"deep nesting", std::string(100'000, '\x91') + "\xc0", ErrorCode::bad_request, ""},
      {"unknown key", map(1) + text("imgae") + bin(png), ErrorCode::bad_request, "imgae"},
      {"no mask", map(1) + text("image") + bin(png), ErrorCode::bad_request, "mask"},
      {"unknown option", with_options(map(1) + text("feathers") + integer(1)), ErrorCode::bad_request, "feathers"},
      {"option out of range", with_options(map(1) + text("dilate") + integer(65)), ErrorCode::bad_request, "dilate"},
      {"option of another type", with_options(map(1) + text("format") + integer(1)), ErrorCode::bad_request, "format"},
      {"image of another type", map(2) + text("image") + integer(7) + text("mask") + bin(hole), ErrorCode::bad_request,
       "image"},
      {"empty image", request("", hole), ErrorCode::unsupported_image, ""},
      {"0x0 raw image", map(2) + text("image") + raw_picture(0, 0, "") + text("mask") + bin(hole),
       ErrorCode::bad_request, ""},
      {"raw image of the wrong length", map(2) + text("image") + raw_picture(2, 2, "123") + text("mask") + bin(hole),
       ErrorCode::bad_request, ""},
      {"broken PNG", request(png.substr(0, png.size() / 2), hole), ErrorCode::unsupported_image, ""},
      {"broken JPEG", request(jpeg.substr(0, jpeg.size() / 2), hole), ErrorCode::unsupported_image, ""},
      {"a PNG that claims 60000x60000", request(huge_png, hole), ErrorCode::too_large, "60000"},
      {"GIF", request("GIF89a" + std::string(100, '\1'), hole), ErrorCode::unsupported_image, "PNG"},
      {"TIFF", request("II*\0"s + std::string(100, '\1'), hole), ErrorCode::unsupported_image, "PNG"},
      {"broken mask", request(png, "nothing"), ErrorCode::unsupported_image, ""},
      {"mask of another size", request(png, mask_file(31, 255)), ErrorCode::size_mismatch, "31x31"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const Error error = refusal(row.bytes);
    CHECK(info(error.code).name == info(row.code).name);
    CHECK(!error.message.empty());
    CAPTURE(error.message);
    CHECK(error.message.find(row.says) != std::string::npos);
    check_alive();
  }
  CHECK(service->metrics().failed() == std::size(rows));
  CHECK(service->metrics().undeliverable == 0);
}

TEST_CASE_FIXTURE(ServiceFixture,
                  "a refusal has the headers of NATS services, and the id of the request if it can be read") {
  using namespace pack;
  auto reply = client->request("inpaint.v1.run", as_bytes(map(2) + text("id") + text("mine") + text("no") + integer(1)),
                               long_enough);
  REQUIRE(reply);
  CHECK(reply->header("Nats-Service-Error-Code") == "400");
  CHECK(reply->header("Nats-Service-Error").find("no") != std::string::npos);
  CHECK(std::get<wire::Failed>(*wire::decode_reply(reply->data())).id == "mine");
}

TEST_CASE_FIXTURE(ServiceFixture, "a request without a reply subject is counted and dropped") {
  REQUIRE(client->publish("inpaint.v1.run", as_bytes(small_request())));
  CHECK(eventually([&] { return service->metrics().without_reply == 1; }));
  CHECK(service->metrics().done == 0);
  check_alive();
}

TEST_CASE_FIXTURE(ServiceFixture, "the answer to a mask without holes is the picture itself, and nothing is computed") {
  const auto done = picture(request(file(Format::png), mask_file(32, 0)));
  CHECK(done.batch_size == 0);
  CHECK(done.device.empty());
  const auto back = decode_image(EncodedFile{done.image}, {});
  REQUIRE(back);
  CHECK(back->rgb == Pixels(32, 32, 3, 90));
}

TEST_CASE_FIXTURE(ServiceFixture, "a mask that is one hole as large as the picture is accepted") {
  const auto done = picture(request(file(Format::png), mask_file(32, 255)));
  CHECK(done.region == Rect{0, 0, 32, 32});
  CHECK(done.batch_size == 1);
}

TEST_CASE_FIXTURE(ServiceFixture, "an invalid message on the subject for cancels is ignored") {
  REQUIRE(client->publish("inpaint.v1.cancel", as_bytes("what?")));
  check_alive();
}
