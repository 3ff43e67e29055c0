// SPDX-License-Identifier: Apache-2.0
// Answers that exceed the max_payload of the NATS server.
#include "image/codec.h"
#include "tests/e2e/program_run.h"
#include "tests/e2e/service_fixture.h"
#include "tests/e2e/worker_process.h"
#include "tests/support/client_connection.h"
#include "tests/support/eventually.h"
#include "tests/support/http_get.h"

using namespace inpaintd;
using namespace inpaintd::test;

namespace {

constexpr int side = 256;

/// A white picture with noise, which compresses badly, in a corner.
Picture noisy(int noise_side) {
  Picture picture;
  picture.rgb = Pixels(side, side, 3, 255);
  std::uint32_t random = 1;
  for (int y = 0; y < noise_side; ++y)
    for (int i = 0; i < noise_side * 3; ++i)
      picture.rgb.row(y)[i] = static_cast<std::uint8_t>((random = random * 1664525 + 1013904223) >> 24);
  return picture;
}

Request request_for(const std::string& file, const Options& options) {
  Request request;
  request.id = "r1";
  request.image = EncodedFile{as_bytes(file)};
  request.mask = RectMask{{{200, 200, 20, 20}}};
  request.options = options;
  return request;
}

/// A service with a NATS server whose max_payload is 64 KiB.
struct SmallMessages : ServiceFixture {
  SmallMessages() {
    config.nats.url = server.url();
    restart();
    client = connect_to(server.url());
    mask = directory.write("mask.png", *encode_image(mask_picture(), Format::png));
  }

  ~SmallMessages() { end(); }

  static Picture mask_picture() {
    Picture picture;
    picture.rgb = Pixels(side, side, 3, 0);
    for (int y = 200; y < 220; ++y) std::fill_n(picture.rgb.row(y) + 200 * 3, 20 * 3, std::uint8_t{255});
    return picture;
  }

  ProgramRun inpaint(const std::string& image, const std::string& output, const std::string& url,
                     const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments{image, mask, "-o", output, "--server", url, "--progress"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program("inpaint", arguments);
  }

  NatsServer server{"max_payload: 64KB\n"};
  TemporaryDirectory directory;
  std::string mask;
};

}  // namespace

TEST_CASE_FIXTURE(
    SmallMessages,
    "a raw answer beyond max_payload is refused before it is computed, and the error names the remedies") {
  const std::string file = *encode_image(noisy(10), Format::png);
  const Error error = refusal(wire::encode_request(request_for(file, {.format = Format::raw})));
  CHECK(error.code == ErrorCode::too_large);
  CHECK(
      error.message ==
      "the answer does not fit into a message: 196608 bytes of raw pixels exceed the NATS server's max_payload of "
      "65536 bytes; ask for region \"patch\", for format \"jpeg\" or \"webp\" with a lower quality, or for a `result` "
      "in the object store");
  CHECK(metric_in(http(service->http_port(), "/metrics").body, "inpaintd_batch_size_count") == 0);
  CHECK(
      picture(wire::encode_request(request_for(file, {.format = Format::raw, .region = Region::patch}))).image.size() ==
      20 * 20 * 3);
}

TEST_CASE_FIXTURE(SmallMessages, "the error about an encoded answer beyond max_payload does not name the inbox") {
  const std::string file = *encode_image(noisy(220), Format::jpeg, 40);
  REQUIRE(file.size() < 60'000);
  const Error error = refusal(wire::encode_request(request_for(file, {.format = Format::png})));
  CHECK(error.code == ErrorCode::too_large);
  CHECK(error.message.find("exceeds the NATS server's max_payload of 65536 bytes; ask for region") !=
        std::string::npos);
  CHECK(error.message.find("INBOX") == std::string::npos);
}

TEST_CASE_FIXTURE(SmallMessages, "inpaint writes the whole picture although it does not fit into one message") {
  const std::string jpeg = directory.write("in.jpg", *encode_image(noisy(220), Format::jpeg, 40));
  // The same service with a server for large messages makes the expected files.
  config.nats.url = nats.url();
  const auto reference = Service::start(config, "0.0.1");
  REQUIRE(reference);
  for (const std::string name : {"out.png", "out.jpg", "out.webp"}) {
    const std::vector<std::string> more =
        name == "out.jpg" ? std::vector<std::string>{"--quality", "100"} : std::vector<std::string>{"--lossless"};
    const ProgramRun small = inpaint(jpeg, directory / name, server.url(), more);
    CHECK_MESSAGE(small.exit_code == 0, small.output);
    const ProgramRun large = inpaint(jpeg, directory / ("large_" + name), nats.url(), more);
    CHECK_MESSAGE(large.exit_code == 0, large.output);
    CHECK(contents(directory / name).size() > 65'536);
    CHECK(contents(directory / name) == contents(directory / ("large_" + name)));
  }
}
