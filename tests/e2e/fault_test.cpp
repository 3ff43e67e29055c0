// SPDX-License-Identifier: Apache-2.0
// What happens around requests: limits, time, cancelling, ending, a server that goes away.
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "tests/e2e/service_fixture.h"
#include "tests/support/eventually.h"

using namespace inpaintd;
using namespace inpaintd::test;
using namespace std::chrono_literals;

namespace {

// Sends many and counts what comes back, by the wire name of how each ended.
class Crowd {
 public:
  Crowd(Connection& client, std::string prefix) : client_(client), inbox_(client.new_inbox() + "." + prefix) {
    auto subscription = client.subscribe(inbox_ + ".*", "", [state = state_](const Message& message) {
      const auto reply = wire::decode_reply(message.data());
      const std::lock_guard lock(state->mutex);
      if (!reply) return;
      if (std::holds_alternative<wire::Done>(*reply)) ++state->ends["done"];
      if (const auto* failed = std::get_if<wire::Failed>(&*reply))
        ++state->ends[std::string(info(failed->error.code).name)];
    });
    REQUIRE(subscription);
    subscription_.emplace(std::move(*subscription));
  }
  void send(const std::string& bytes) {
    ++sent_;
    REQUIRE(client_.publish("inpaint.v1.run", as_bytes(bytes), {}, inbox_ + "." + std::to_string(sent_)));
  }
  [[nodiscard]] int ended(const std::string& how) const {
    const std::lock_guard lock(state_->mutex);
    const auto found = state_->ends.find(how);
    return found == state_->ends.end() ? 0 : found->second;
  }
  [[nodiscard]] int answered() const {
    const std::lock_guard lock(state_->mutex);
    int sum = 0;
    for (const auto& [how, count] : state_->ends) sum += count;
    return sum;
  }
  [[nodiscard]] int sent() const { return sent_; }

 private:
  struct State {
    std::mutex mutex;
    std::map<std::string, int> ends;
  };
  Connection& client_;
  std::string inbox_;
  std::shared_ptr<State> state_ = std::make_shared<State>();
  std::optional<Subscription> subscription_;
  int sent_ = 0;
};

std::string request(const std::string& id, std::chrono::milliseconds timeout = 60s) {
  static const std::vector<std::uint8_t> pixels(64 * 64 * 3, 100);
  Request request;
  request.id = id;
  request.image = RawPixels{64, 64, pixels};
  request.mask = RectMask{{{10, 10, 20, 20}}};
  request.timeout = timeout;
  return wire::encode_request(request);
}

// An engine that takes `pace` for each request.
struct SlowService : ServiceFixture {
  void restart_with(const std::string& pace) {
    config.model.file = pace;
    config.batch.size_max = 1;
    restart();
  }
};

}  // namespace

TEST_CASE_FIXTURE(SlowService, "a full service refuses at once, and answers all that it took") {
  config.service.in_flight_max = 3;
  restart_with("50ms");
  Crowd crowd(*client, "full");
  for (int i = 0; i < 20; ++i) crowd.send(request(std::to_string(i)));
  CHECK(eventually([&] { return crowd.answered() == crowd.sent(); }));
  CHECK(crowd.ended("overloaded") > 0);
  CHECK(crowd.ended("done") >= 3);
  CHECK(crowd.ended("done") + crowd.ended("overloaded") == 20);
}

TEST_CASE_FIXTURE(SlowService, "a request whose time runs out while it waits is answered so") {
  restart_with("100ms");
  Crowd crowd(*client, "late");
  for (int i = 0; i < 6; ++i) crowd.send(request(std::to_string(i)));
  crowd.send(request("hurry", 1ms));
  CHECK(eventually([&] { return crowd.answered() == crowd.sent(); }));
  CHECK(crowd.ended("deadline_exceeded") == 1);
  CHECK(crowd.ended("done") == 6);
}

TEST_CASE_FIXTURE(SlowService, "a waiting request can be cancelled by its id") {
  restart_with("100ms");
  Crowd crowd(*client, "cancel");
  for (int i = 0; i < 6; ++i) crowd.send(request(std::to_string(i)));
  crowd.send(request("unwanted"));
  CHECK(eventually([&] {
    REQUIRE(client->publish("inpaint.v1.cancel", as_bytes(wire::encode_cancel("unwanted"))));
    return crowd.ended("cancelled") == 1;
  }));
  CHECK(eventually([&] { return crowd.answered() == crowd.sent(); }));
  CHECK(crowd.ended("done") == 6);
}

TEST_CASE_FIXTURE(SlowService, "draining answers everything that was taken, and takes nothing more") {
  restart_with("100ms");
  Crowd crowd(*client, "drain");
  for (int i = 0; i < 8; ++i) crowd.send(request(std::to_string(i)));
  REQUIRE(client->flush(5s));
  CHECK(eventually([&] { return service->metrics().received > 0; }));
  CHECK(service->drain() == 0);
  CHECK(eventually([&] { return crowd.answered() == static_cast<int>(service->metrics().received); }));
  const auto nobody = client->request("inpaint.v1.run", as_bytes(small_request()), 5s);
  REQUIRE(!nobody);
  CHECK(nobody.error().message.find("no responders") != std::string::npos);
}

TEST_CASE_FIXTURE(SlowService, "what is not done within drain_timeout is answered as shutting_down") {
  config.service.drain_timeout = 1ms;
  restart_with("100ms");
  Crowd crowd(*client, "abandon");
  for (int i = 0; i < 8; ++i) crowd.send(request(std::to_string(i)));
  CHECK(eventually([&] { return service->metrics().received == 8; }));
  service.reset();
  CHECK(eventually([&] { return crowd.answered() == 8; }));
  CHECK(crowd.ended("shutting_down") > 0);
}

TEST_CASE_FIXTURE(ServiceFixture, "a nats-server that is killed and comes back finds the service again") {
  check_alive();
  nats.restart();
  CHECK(eventually([&] {
    const auto reply = client->request("inpaint.v1.run", as_bytes(small_request("back")), 500ms);
    return static_cast<bool>(reply);
  }));
}

TEST_CASE("a service that cannot start says why") {
  NatsServer nats;
  Config config;
  config.nats.url = nats.url();
  config.model.devices = {"cpu"};
  config.model.file = "/nowhere/big-lama.pt";
  const auto service = Service::start(config, "0.0.1");
  REQUIRE(!service);
  CHECK(service.error().message.find("/nowhere/big-lama.pt") != std::string::npos);
}
