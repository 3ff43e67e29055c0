// SPDX-License-Identifier: Apache-2.0
// Valid requests.
#include <atomic>
#include <mutex>

#include "image/codec.h"
#include "tests/e2e/service_fixture.h"
#include "tests/support/eventually.h"

using namespace inpaintd;
using namespace inpaintd::test;
using namespace std::chrono_literals;

namespace {

Picture striped(int width, int height) {
  Picture picture;
  picture.rgb = Pixels(width, height, 3);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width * 3; ++x) picture.rgb.row(y)[x] = static_cast<std::uint8_t>(x * 7 + y * 13);
  return picture;
}

Request rect_request(const std::string& file, const Rect& hole) {
  Request request;
  request.image = EncodedFile{as_bytes(file)};
  request.mask = RectMask{{hole}};
  return request;
}

}  // namespace

TEST_CASE_FIXTURE(ServiceFixture,
                  "known pixels of the answer are byte-identical, and the values in the reply are right") {
  config.model.engine = EngineKind::native;
  restart();
  const Picture source = striped(70, 50);
  const std::string file = *encode_image(source, Format::png, 95);
  Request request = rect_request(file, {20, 10, 25, 30});
  request.id = "stripes";
  const auto done = picture(wire::encode_request(request));
  CHECK(done.id == "stripes");
  CHECK(done.format == Format::png);
  CHECK(done.size == Size{70, 50});
  CHECK(done.region == Rect{0, 0, 70, 50});
  CHECK(done.batch_size == 1);
  CHECK(done.device == "cpu");
  CHECK(done.model == "default");
  CHECK(!done.cached);
  CHECK(done.service == service->id());
  CHECK(done.timings.infer > 0us);
  CHECK(done.timings.total >= done.timings.infer);

  const auto back = decode_image(EncodedFile{done.image}, {});
  REQUIRE(back);
  int changed = 0;
  for (int y = 0; y < 50; ++y)
    for (int x = 0; x < 70; ++x)
      for (int c = 0; c < 3; ++c) {
        const bool known = x < 20 || x >= 45 || y < 10 || y >= 40;
        const bool same = back->rgb.row(y)[x * 3 + c] == source.rgb.row(y)[x * 3 + c];
        if (known) REQUIRE(same);
        changed += !same;
      }
  CHECK(changed > 25 * 30);
}

TEST_CASE_FIXTURE(ServiceFixture, "a patch reply has the changed box only") {
  const std::string file = *encode_image(striped(64, 64), Format::png, 95);
  Request request = rect_request(file, {8, 16, 24, 5});
  request.options.region = Region::patch;
  request.options.format = Format::raw;
  const auto done = picture(wire::encode_request(request));
  CHECK(done.region == Rect{8, 16, 24, 5});
  CHECK(done.size == Size{24, 5});
  CHECK(done.image.size() == 24 * 5 * 3);
}

TEST_CASE_FIXTURE(ServiceFixture, "every priority has its subject") {
  for (const char* subject : {"run", "run.high", "run.low"}) CHECK(picture(small_request("p"), subject).id == "p");
}

TEST_CASE_FIXTURE(ServiceFixture, "a request without an id gets an id") { CHECK(!picture(small_request()).id.empty()); }

TEST_CASE_FIXTURE(ServiceFixture, "each of many concurrent requests gets its own picture, and they share batches") {
  config.batch.wait_max = 10s;  // 64 requests fill eight batches, so that no batch waits
  config.batch.size_max = 8;
  config.batch.adaptive = false;  // the null engine gains nothing from batches
  restart();
  constexpr int count = 64;
  struct Seen {
    std::mutex mutex;
    std::vector<int> answers = std::vector<int>(count);
    std::size_t largest_batch = 0;
    int mixed_up = 0;
  };
  const auto seen = std::make_shared<Seen>();
  const std::string inbox = client->new_inbox();
  auto subscription = client->subscribe(inbox + ".*", "", [seen](const Message& message) {
    const auto reply = wire::decode_reply(message.data());
    const std::lock_guard lock(seen->mutex);
    const auto* done = reply ? std::get_if<wire::Done>(&*reply) : nullptr;
    if (!done) return;
    const int index = std::stoi(done->id);
    ++seen->answers[static_cast<std::size_t>(index)];
    seen->largest_batch = std::max(seen->largest_batch, done->batch_size);
    if (done->image[0] != index) ++seen->mixed_up;
  });
  REQUIRE(subscription);
  for (int i = 0; i < count; ++i) {
    const std::vector<std::uint8_t> pixels(32 * 32 * 3, static_cast<std::uint8_t>(i));
    Request request;
    request.id = std::to_string(i);
    request.image = RawPixels{32, 32, pixels};
    request.mask = RectMask{{{8, 8, 8, 8}}};
    const std::string bytes = wire::encode_request(request);
    REQUIRE(client->publish("inpaint.v1.run", as_bytes(bytes), {}, inbox + "." + request.id));
  }
  CHECK(eventually([&] {
    const std::lock_guard lock(seen->mutex);
    return std::count(seen->answers.begin(), seen->answers.end(), 1) == count;
  }));
  const std::lock_guard lock(seen->mutex);
  CHECK(seen->mixed_up == 0);
  CHECK(seen->largest_batch == 8);
}

TEST_CASE_FIXTURE(ServiceFixture, "two workers share the requests, and each request is answered once") {
  auto second = Service::start(config, "0.0.1");
  REQUIRE(second);
  for (int i = 0; i < 40; ++i) picture(small_request(std::to_string(i)));
  CHECK(eventually([&] { return service->metrics().done + (*second)->metrics().done == 40; }));
  CHECK(service->metrics().done > 0);
  CHECK((*second)->metrics().done > 0);
}

TEST_CASE_FIXTURE(ServiceFixture, "service discovery finds the worker and its counts") {
  check_alive();
  const auto ask = [&](const std::string& subject) {
    const auto reply = client->request(subject, {}, long_enough);
    REQUIRE(reply);
    return std::string(reply->data().begin(), reply->data().end());
  };
  CHECK(ask("$SRV.PING").find("io.nats.micro.v1.ping_response") != std::string::npos);
  CHECK(ask("$SRV.INFO.inpaint").find("\"inpaint.v1.run\"") != std::string::npos);
  // A reply may arrive before it is counted.
  CHECK(eventually(
      [&] { return ask("$SRV.STATS.inpaint." + service->id()).find("\"num_requests\":1") != std::string::npos; }));
}
