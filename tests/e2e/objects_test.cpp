// SPDX-License-Identifier: Apache-2.0
// Pictures that no message can hold, in the object store of NATS.
#include "bus/object_store.h"

#include "clients/cpp/retry.h"
#include "gateway/gateway.h"
#include "image/codec.h"
#include "tests/e2e/program_run.h"
#include "tests/e2e/service_fixture.h"
#include "tests/gateway/forms.h"
#include "tests/support/client_connection.h"
#include "tests/support/eventually.h"
#include "tests/support/http_client.h"
#include "tests/support/temporary_directory.h"

using namespace inpaintd;
using namespace inpaintd::test;

namespace {

/// A service whose NATS server has JetStream and a max_payload of 64 KiB.
struct StoredPicturesService : ServiceFixture {
  StoredPicturesService() {
    config.nats.url = jetstream.server.url();
    restart();
    client = connect_to(jetstream.server.url());
    REQUIRE(store().create({}));
  }
  ~StoredPicturesService() { end(); }

  [[nodiscard]] ObjectStore store() const { return {*client, "pictures", long_enough}; }

  static Request request(int number = 1) {
    Request request;
    request.id = "r" + std::to_string(number);
    request.image_at = ObjectName{"pictures", "in/image"};
    request.mask = RectMask{{{200, 200, 20, 20}}};
    request.result = ObjectName{"pictures", "out/" + std::to_string(number)};
    return request;
  }

  [[nodiscard]] std::string stored(const std::string& name) const {
    const auto info = store().info(name);
    REQUIRE_MESSAGE(info, info.error().message);
    auto bytes = store().get(name, *info);
    REQUIRE_MESSAGE(bytes, bytes.error().message);
    return std::move(*bytes);
  }

  JetStreamServer jetstream{"max_payload: 64KB\n"};
};

/// A PNG file that compresses badly.
std::string noisy_file(int side) {
  Picture picture;
  picture.rgb = Pixels(side, side, 3);
  std::uint32_t random = 1;
  for (auto& each : picture.rgb.bytes) each = static_cast<std::uint8_t>((random = random * 1664525 + 1013904223) >> 24);
  return *encode_image(picture, Format::png);
}

}  // namespace

TEST_CASE_FIXTURE(StoredPicturesService,
                  "a picture far beyond max_payload goes through the object store, and so does its answer") {
  const std::string file = noisy_file(1000);
  REQUIRE(file.size() > 2'000'000);
  REQUIRE(store().put("in/image", as_bytes(file)));
  const wire::Done done = picture(wire::encode_request(request()));
  CHECK(done.result == ObjectName{"pictures", "out/1"});
  CHECK(done.image.empty());
  CHECK(done.size == Size{1000, 1000});
  const std::string answer = stored("out/1");
  const auto before = decode_image(EncodedFile{as_bytes(file)}, {}),
             after = decode_image(EncodedFile{as_bytes(answer)}, {});
  REQUIRE(before);
  REQUIRE(after);
  CHECK((before->rgb == after->rgb));  // the null engine answers with the image
}

TEST_CASE_FIXTURE(StoredPicturesService, "the mask may be stored as well, and the answer may be sent") {
  REQUIRE(store().put("in/image", as_bytes(noisy_file(40))));
  Picture holes;
  holes.rgb = Pixels(40, 40, 3);
  std::fill_n(holes.rgb.row(3) + 9, 30, std::uint8_t{255});
  REQUIRE(store().put("in/mask", as_bytes(*encode_image(holes, Format::png))));
  Request request = StoredPicturesService::request();
  request.mask_at = ObjectName{"pictures", "in/mask"};
  request.result.reset();
  request.options.region = Region::patch;
  const wire::Done done = picture(wire::encode_request(request));
  CHECK(!done.result);
  CHECK(done.region == Rect{3, 3, 10, 1});
}

TEST_CASE_FIXTURE(StoredPicturesService, "a name shows the bytes of the moment, and identical bytes share one answer") {
  config.cache.bytes_max = 1 << 20;
  restart();
  REQUIRE(store().put("in/image", as_bytes(noisy_file(64))));
  Request small = request();
  small.mask = RectMask{{{20, 20, 4, 4}}};
  CHECK_FALSE(picture(wire::encode_request(small)).cached);
  small.result = ObjectName{"pictures", "out/2"};
  CHECK(picture(wire::encode_request(small)).cached);
  CHECK((stored("out/1") == stored("out/2")));
  REQUIRE(store().put("in/image", as_bytes(noisy_file(72))));
  const wire::Done other = picture(wire::encode_request(small));
  CHECK_FALSE(other.cached);
  CHECK(other.size == Size{72, 72});
}

TEST_CASE_FIXTURE(
    StoredPicturesService,
    "an object that cannot be read, and a result that cannot be stored, end the request with their error") {
  Error error = refusal(wire::encode_request(request()));
  CHECK(error.code == ErrorCode::object_not_found);
  CHECK(error.message == "the bucket \"pictures\" has no object \"in/image\"");

  Request elsewhere = request();
  elsewhere.image_at->bucket = "other";
  error = refusal(wire::encode_request(elsewhere));
  CHECK(error.code == ErrorCode::store_failed);
  CHECK(error.message.find("bucket \"other\": it does not exist") != std::string::npos);

  REQUIRE(store().put("in/image", as_bytes("no picture")));
  CHECK(refusal(wire::encode_request(request())).code == ErrorCode::unsupported_image);

  REQUIRE(store().put("in/image", as_bytes(noisy_file(300))));
  elsewhere = request();
  elsewhere.result->bucket = "other";
  CHECK(refusal(wire::encode_request(elsewhere)).code == ErrorCode::store_failed);

  config.objects.bytes_max = 1000;
  restart();
  error = refusal(wire::encode_request(request()));
  CHECK(error.code == ErrorCode::too_large);
  CHECK(error.message.find("raise objects.bytes_max") != std::string::npos);
  check_alive();
}

TEST_CASE_FIXTURE(StoredPicturesService, "inpaint sends what no message can hold through the bucket of inpaint-setup") {
  const TemporaryDirectory folder;
  const std::string file = noisy_file(300), url = jetstream.server.url(), output = folder / "out.png";
  Picture holes;
  holes.rgb = Pixels(300, 300, 3);
  std::fill_n(holes.rgb.row(3) + 9, 30, std::uint8_t{255});
  const std::vector<std::string> arguments{folder.write("in.png", file),
                                           folder.write("mask.png", *encode_image(holes, Format::png)),
                                           "-o",
                                           output,
                                           "--server",
                                           url,
                                           "--timeout",
                                           "10min"};
  const ProgramRun refused = run_program("inpaint", arguments);
  CHECK(refused.exit_code == 1);
  CHECK(refused.says("the NATS server accepts at most 65536"));
  CHECK(refused.says("the bucket inpaint_pictures does not exist: make it with inpaint-setup"));

  const ProgramRun made = run_program("inpaint-setup", {"--server", url});
  CHECK(made.exit_code == 0);
  CHECK(made.says("bucket inpaint_pictures: made"));
  CHECK(made.says("consumer INPAINT_JOBS.high: made"));
  const ProgramRun again = run_program("inpaint-setup", {"--server", url});
  CHECK(again.exit_code == 0);
  CHECK(again.says("stream INPAINT_JOBS: as wanted"));
  const ProgramRun differs = run_program("inpaint-setup", {"--server", url, "--age", "3600"});
  CHECK(differs.exit_code == 1);
  CHECK(differs.says("bucket inpaint_pictures: it differs; add --update to change it"));
  CHECK(differs.says("max_age: 86400000000000 instead of 3600000000000"));
  CHECK(run_program("inpaint-setup", {"--server", url, "--age", "3600", "--update"}).exit_code == 0);

  const ProgramRun filled = run_program("inpaint", arguments);
  CHECK_MESSAGE(filled.exit_code == 0, filled.output);
  const auto before = decode_image(EncodedFile{as_bytes(file)}, {});
  const std::string answer = contents(output);
  const auto after = decode_image(EncodedFile{as_bytes(answer)}, {});
  REQUIRE(after);
  CHECK((before->rgb == after->rgb));  // the null engine answers with the image
  // The objects are gone: what is left are the notes that they were removed.
  const auto left = client->request("$JS.API.STREAM.INFO.OBJ_inpaint_pictures", {}, long_enough);
  REQUIRE(left);
  CHECK(std::string(left->data().begin(), left->data().end()).find("\"messages\":3,") != std::string::npos);
}

TEST_CASE_FIXTURE(StoredPicturesService,
                  "the gateway sends through the bucket what no message can hold, and removes it afterwards") {
  gateway::GatewaySettings settings;
  settings.listen = "127.0.0.1:0";
  settings.nats.url = jetstream.server.url();
  const auto retry = [](const Error& error, int attempt) { return retry_wait(error, attempt, 0); };
  const auto start = [&] {
    auto started = gateway::Gateway::start(settings, retry, "0.0.1");
    REQUIRE(started);
    return std::move(*started);
  };
  auto gateway = start();
  Picture hole;
  hole.rgb = Pixels(300, 300, 3);
  std::fill_n(hole.rgb.row(3) + 9, 30, std::uint8_t{255});
  const std::string image = noisy_file(300), mask = *encode_image(hole, Format::png);
  const auto fill = [&](const std::string& file, const std::string& format) {
    const std::string body = form({{"image", file}, {"mask", mask}, {"format", format}, {"timeout_ms", "600000"}});
    return http_exchange(gateway->port(), http_request("POST", "/inpaint?wait=1", body, {{"Content-Type", form_type}}));
  };
  CHECK(eventually([&] { return fill(image, "png").status == 413; }));  // 503 until the gateway is connected
  CHECK(fill(image, "png").body.find("inpaint-setup") != std::string::npos);

  REQUIRE(ObjectStore(*client, std::string(pictures_bucket), long_enough).create({}));
  gateway = nullptr;
  gateway = start();  // a gateway that runs finds the bucket as well, but within ten seconds
  HttpAnswer answer;
  REQUIRE(eventually([&] { return (answer = fill(image, "png")).status == 200; }));
  const auto before = decode_image(EncodedFile{as_bytes(image)}, {}),
             after = decode_image(EncodedFile{as_bytes(answer.body)}, {});
  REQUIRE(after);
  CHECK((before->rgb == after->rgb));  // the null engine answers with the image
  // A request that a message holds, and its answer that no message holds.
  const auto small = encode_image(*before, Format::jpeg, 20);
  REQUIRE(small);
  REQUIRE(small->size() < 50'000);
  const HttpAnswer png = fill(*small, "png");
  CHECK(png.status == 200);
  CHECK(png.body.size() > 65'536);
  // Notes that three objects were removed are left of each of the two tasks.
  CHECK(eventually([&] {
    const auto left = client->request("$JS.API.STREAM.INFO.OBJ_inpaint_pictures", {}, long_enough);
    REQUIRE(left);
    return std::string(left->data().begin(), left->data().end()).find("\"messages\":6,") != std::string::npos;
  }));
}
