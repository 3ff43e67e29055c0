// SPDX-License-Identifier: Apache-2.0
// A worker ends while large pictures wait to be decoded: every accepted request is answered, and the process ends soon,
// with the exit code for the reason.
#include <csignal>

#include "image/codec.h"
#include "tests/e2e/crowd.h"
#include "tests/e2e/service_fixture.h"
#include "tests/e2e/worker_process.h"
#include "tests/support/client_connection.h"
#include "tests/support/eventually.h"

using namespace inpaintd;
using namespace inpaintd::test;
using namespace std::chrono_literals;

namespace {

constexpr int requests = 100;

/// A picture with the size of a photograph in a file of 40 kB, which is small to send and slow to decode.
std::string large_png() {
  Picture picture;
  picture.rgb = Pixels(4000, 3000, 3, std::uint8_t{90});
  auto file = encode_image(picture, Format::png, 95);
  REQUIRE(file);
  return *file;
}

struct Ending {
  explicit Ending(const std::vector<std::string>& settings) : worker(nats.url(), settings) {
    client = connect_to(nats.url());
    crowd.emplace(*client);
  }

  void send_all() {
    const std::string file = large_png();
    for (int i = 0; i < requests; ++i) {  // each has another hole, because identical requests would be computed once
      Request request;
      request.image = EncodedFile{as_bytes(file)};
      request.mask = RectMask{{{10 * i, 100, 50, 50}}};
      request.options.region = Region::patch;
      crowd->send(wire::encode_request(request));
    }
    REQUIRE(client->flush(20s));
  }

  void check_end(int exit_code) {
    REQUIRE(eventually([&] { return worker.process().ended().has_value(); }));
    CHECK(worker.process().ended() == exit_code);
    // The number of requests that the worker logged as received. The NATS server refused the others.
    const std::string log = worker.log(), before = "ended: ";
    const std::size_t found = log.find(before);
    REQUIRE_MESSAGE(found != std::string::npos, log);
    const int received = std::atoi(log.c_str() + found + before.size());
    CHECK(received > 0);
    CHECK(eventually([&] { return crowd->answered() >= received; }));
    CHECK(crowd->answered() == received);
    CHECK(!crowd->any_answered_twice());
  }

  NatsServer nats;
  WorkerProcess worker;
  std::unique_ptr<Connection> client;
  std::optional<Crowd> crowd;
};

}  // namespace

TEST_CASE("when the only device is lost, requests that wait to be decoded are answered, and the process ends") {
  Ending ending({"model.null_faults=lost:@2", "device.warm_up=0ms"});
  ending.send_all();
  ending.check_end(75);
}

TEST_CASE("after SIGTERM with a short drain_timeout, requests that wait to be decoded are answered") {
  Ending ending({"service.drain_timeout=1s", "model.null_pace=200ms", "batch.size_max=1"});
  ending.send_all();
  CHECK(eventually([&] { return ending.worker.metric("inpaintd_requests_received_total") == requests; }));
  ending.worker.process().signal(SIGTERM);
  ending.check_end(1);
  CHECK(ending.crowd->ended("shutting_down") > 0);
}

TEST_CASE("when the only device hangs, requests that wait to be decoded are answered, and the process ends") {
  Ending ending({"model.null_faults=hang:@2:1000s", "device.warm_up=0ms", "device.watchdog=100ms"});
  ending.send_all();
  ending.check_end(75);
}

TEST_CASE("a service that is stopped while it loads its model ends at once") {
  NatsServer nats;
  Config config;
  config.nats.url = nats.url();
  config.model.engine = EngineKind::null;
  config.model.devices = {"cpu"};
  const auto service = Service::start(config, "0.0.1", [] { return true; });
  REQUIRE(!service);
  CHECK(service.error().code == ErrorCode::shutting_down);
}
