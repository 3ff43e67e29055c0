// SPDX-License-Identifier: Apache-2.0
// Limits, deadlines, cancellation and the end of the service.
#include "tests/e2e/crowd.h"
#include "tests/e2e/service_fixture.h"
#include "tests/support/eventually.h"

using namespace inpaintd;
using namespace inpaintd::test;
using namespace std::chrono_literals;

namespace {

// A service whose engine needs the time `pace` for each request.
struct SlowService : ServiceFixture {
  void restart_with(const std::string& pace) {
    config.model.null_pace = pace;
    config.batch.size_max = 1;
    restart();
  }
};

/// Checks that every request ends once, at least `done_min` of them as done, and the others with the error `code`.
void check_ends(const Crowd& crowd, int done_min, const std::string& code) {
  CHECK(eventually([&] { return crowd.each_answered_once(); }));
  CHECK(crowd.ended("done") >= done_min);
  CHECK(crowd.ended("done") + crowd.ended(code) == crowd.sent());
}

}  // namespace

TEST_CASE_FIXTURE(SlowService, "a full service refuses requests at once, and answers all accepted requests") {
  config.service.in_flight_max = 3;
  restart_with("50ms");
  Crowd crowd(*client);
  CHECK(eventually([&] {
    crowd.send(picture_request(std::to_string(crowd.sent())));
    return crowd.ended("overloaded") > 0;
  }));
  check_ends(crowd, 3, "overloaded");
}

TEST_CASE_FIXTURE(SlowService, "a request whose deadline passes in the queue is answered deadline_exceeded") {
  restart_with("100ms");
  Crowd crowd(*client);
  for (int i = 0; i < 6; ++i) crowd.send(picture_request(std::to_string(i)));
  // A request that finds the device idle is done; the device is then busy for the next request.
  CHECK(eventually([&] {
    if (crowd.open() < 50) crowd.send(picture_request("hurry" + std::to_string(crowd.sent()), 1ms));
    return crowd.ended("deadline_exceeded") > 0;
  }));
  check_ends(crowd, 6, "deadline_exceeded");
}

TEST_CASE_FIXTURE(SlowService, "a waiting request can be cancelled by its id") {
  restart_with("100ms");
  Crowd crowd(*client);
  for (int i = 0; i < 6; ++i) crowd.send(picture_request(std::to_string(i)));
  // A request that the device has started cannot be cancelled; the device is then busy for the next request.
  CHECK(eventually([&] {
    if (crowd.open() < 50) crowd.send(picture_request("unwanted" + std::to_string(crowd.sent())));
    const std::string last = "unwanted" + std::to_string(crowd.sent() - 1);
    REQUIRE(client->publish("inpaint.v1.cancel", as_bytes(wire::encode_cancel(last))));
    return crowd.ended("cancelled") > 0;
  }));
  for (int i = 6; i < crowd.sent(); ++i) {
    const std::string cancel = wire::encode_cancel("unwanted" + std::to_string(i));
    REQUIRE(client->publish("inpaint.v1.cancel", as_bytes(cancel)));
  }
  check_ends(crowd, 6, "cancelled");
}

TEST_CASE_FIXTURE(SlowService, "draining answers all accepted requests, and accepts no further request") {
  restart_with("100ms");
  Crowd crowd(*client);
  for (int i = 0; i < 8; ++i) crowd.send(picture_request(std::to_string(i)));
  REQUIRE(client->flush(long_enough));
  CHECK(eventually([&] { return service->metrics().received > 0; }));
  CHECK(service->drain() == 0);
  CHECK(eventually([&] { return crowd.answered() == static_cast<int>(service->metrics().received); }));
  const auto refused = client->request("inpaint.v1.run", as_bytes(small_request()), long_enough);
  REQUIRE(!refused);
  CHECK(refused.error().message.find("no responders") != std::string::npos);
}

TEST_CASE_FIXTURE(SlowService, "a request that is not done within drain_timeout is answered shutting_down") {
  config.service.drain_timeout = 1ms;
  restart_with("100ms");
  Crowd crowd(*client);
  // The device would need 20 seconds, so that some requests are open when the service ends.
  for (int i = 0; i < 200; ++i) crowd.send(picture_request(std::to_string(i)));
  CHECK(eventually([&] { return service->metrics().received == 200; }));
  service.reset();
  CHECK(eventually([&] { return crowd.each_answered_once(); }));
  CHECK(crowd.ended("shutting_down") > 0);
}

TEST_CASE("the error of a service that cannot start names the cause") {
  NatsServer nats;
  Config config;
  config.nats.url = nats.url();
  config.model.devices = {"cpu"};
  config.model.file = "/nowhere/big-lama.pt";
  const auto service = Service::start(config, "0.0.1");
  REQUIRE(!service);
  CHECK(service.error().message.find("/nowhere/big-lama.pt") != std::string::npos);
}
