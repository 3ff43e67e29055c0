// SPDX-License-Identifier: Apache-2.0
// NATS servers that end and start again, and messages that arrive faster than they are accepted.
#include "tests/e2e/crowd.h"
#include "tests/e2e/retrying_client.h"
#include "tests/e2e/service_fixture.h"
#include "tests/e2e/worker_process.h"
#include "tests/support/client_connection.h"
#include "tests/support/eventually.h"
#include "tests/support/held_runs.h"
#include "tests/support/http_get.h"

using namespace inpaintd;
using namespace inpaintd::test;
using namespace std::chrono_literals;

namespace {

struct OutageFixture : ServiceFixture {
  [[nodiscard]] double metric(const std::string& name) const {
    return metric_in(http(service->http_port(), "/metrics").body, name);
  }
  [[nodiscard]] HttpAnswer readyz() const { return http(service->http_port(), "/readyz"); }
  /// No answer is in transit when the server is killed, because it would be lost.
  void hold_until_disconnected() {
    config.model.null_faults = held.fault();
    config.batch.watchdog = 1h;
  }
  void release() {
    CHECK(eventually([&] {
      const std::string now = http(service->http_port(), "/metrics").body;
      return metric_in(now, "inpaintd_nats_connected") == 0 || metric_in(now, "inpaintd_nats_reconnects_total") > 0;
    }));
    held.release();
  }
  HeldRuns held;
};

}  // namespace

TEST_CASE_FIXTURE(OutageFixture,
                  "every request is answered although the nats-server is killed and restarted under load") {
  config.model.null_pace = "2ms";
  restart();
  RetryingClient retrying(nats.url(), 20);
  CHECK(pump_until_done(retrying, 50));
  nats.stop();
  CHECK(eventually([&] { return readyz().status == 503; }));
  CHECK(readyz().body.find("no connection to NATS") != std::string::npos);
  nats.restart();
  CHECK(pump_until_done(retrying, 150));
  check_nothing_lost(retrying);
  // No request is left on either side, and the service counted the end of each.
  CHECK(eventually([&] { return metric("inpaintd_in_flight_requests") == 0; }));
  CHECK(service->metrics().received == service->metrics().done + service->metrics().failed());
  CHECK(readyz().status == 200);
  CHECK(metric("inpaintd_nats_reconnects_total") == 1);
}

TEST_CASE_FIXTURE(OutageFixture,
                  "answers that are made without a connection arrive after the service has connected again") {
  // The client has a server of its own, so that its inbox exists when the service connects again.
  NatsCluster cluster(2);
  config.nats.url = cluster[0].url();
  hold_until_disconnected();
  config.batch.size_max = 1;
  held.release();
  restart();
  const auto other = connect_to(cluster[1].url());
  Crowd crowd(*other);
  REQUIRE(other->flush(long_enough));
  // The servers exchange their subscriptions asynchronously.
  CHECK(eventually([&] { return other->request("inpaint.v1.run", as_bytes(small_request()), 20s); }));
  held.hold();
  for (int i = 0; i < 4; ++i) crowd.send(picture_request(std::to_string(i)));
  CHECK(eventually([&] { return service->metrics().received >= 5; }));
  cluster[0].stop();
  release();
  CHECK(eventually([&] { return crowd.each_answered_once(); }));
  CHECK(crowd.ended("done") == 4);
  CHECK(service->metrics().undeliverable == 0);
  end();
}

TEST_CASE_FIXTURE(OutageFixture, "answers that the reconnect buffer cannot hold are counted as undeliverable") {
  config.nats.reconnect_buffer_bytes = 1024;  // less than one picture
  hold_until_disconnected();
  config.batch.size_max = 1;
  restart();
  Crowd crowd(*client);
  for (int i = 0; i < 3; ++i) crowd.send(picture_request(std::to_string(i)));
  CHECK(eventually([&] { return service->metrics().received == 3; }));
  nats.stop();
  release();
  // An empty buffer takes one answer of any size, which waits until the server runs again.
  CHECK(eventually([&] { return service->metrics().undeliverable + static_cast<unsigned>(crowd.answered()) == 2; }));
  CHECK(service->metrics().undeliverable > 0);
  CHECK(eventually([&] { return metric("inpaintd_in_flight_requests") == 0; }));
  nats.restart();  // so that the service ends at once
}

TEST_CASE_FIXTURE(OutageFixture, "messages that arrive faster than they are accepted are dropped and counted") {
  config.nats.pending_max = 1;
  restart();
  Crowd crowd(*client);
  const std::string bytes = small_request();
  const auto dropped = [&] { return metric("inpaintd_nats_dropped_messages_total"); };
  CHECK(eventually([&] {
    for (int i = 0; i < 200; ++i) crowd.send(bytes);
    return dropped() > 0;
  }));
  CHECK(eventually([&] { return static_cast<double>(service->metrics().received) + dropped() == crowd.sent(); }));
  // Every other message was answered, with a picture or with overloaded.
  CHECK(eventually([&] { return crowd.answered() == static_cast<int>(service->metrics().received); }));
  check_alive();
}
