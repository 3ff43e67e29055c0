// SPDX-License-Identifier: Apache-2.0
// Workers as processes: terminated, killed, and in a cluster that loses a server.
#include <doctest/doctest.h>
#include <signal.h>

#include <memory>
#include <vector>

#include "tests/e2e/crowd.h"
#include "tests/e2e/retrying_client.h"
#include "tests/e2e/worker_process.h"
#include "tests/support/client_connection.h"
#include "tests/support/eventually.h"
#include "tests/support/held_runs.h"
#include "tests/support/http_get.h"
#include "tests/support/nats_server.h"

using namespace inpaintd;
using namespace inpaintd::test;
using namespace std::chrono_literals;

TEST_CASE("after SIGTERM readyz fails first, accepted requests are answered, and the exit code is 0") {
  NatsServer nats;
  HeldRuns held;
  WorkerProcess worker(nats.url(), {"model.null_faults=" + held.fault(), "device.watchdog=1h", "device.warm_up=0ms",
                                    "service.drain_timeout=1h", "batch.size_max=1"});
  const auto client = connect_to(nats.url());
  Crowd crowd(*client);
  for (int i = 0; i < 8; ++i) crowd.send(picture_request(std::to_string(i)));
  CHECK(eventually([&] { return worker.metric("inpaintd_requests_received_total") == 8; }));
  CHECK(http(worker.http_port(), "/readyz").status == 200);

  worker.process().signal(SIGTERM);
  CHECK(eventually([&] { return http(worker.http_port(), "/readyz").status == 503; }));
  CHECK(http(worker.http_port(), "/readyz").body.find("draining") != std::string::npos);
  CHECK(http(worker.http_port(), "/healthz").status == 200);
  held.release();
  CHECK(eventually([&] { return worker.process().ended().has_value(); }));
  CHECK(worker.process().ended() == 0);
  CHECK(eventually([&] { return crowd.each_answered_once(); }));
  CHECK(crowd.ended("done") == 8);
}

TEST_CASE("when one of two workers gets SIGTERM under load, clients with retries get every picture") {
  NatsServer nats;
  WorkerProcess first(nats.url(), {"model.null_pace=2ms"}), second(nats.url(), {"model.null_pace=2ms"});
  RetryingClient client(nats.url(), 20);
  CHECK(pump_until_done(client, 60));
  first.process().signal(SIGTERM);
  CHECK(eventually([&] {
    client.pump();
    return first.process().ended().has_value();
  }));
  CHECK(first.process().ended() == 0);
  CHECK(pump_until_done(client, client.done() + 60));
  check_nothing_lost(client);
  // The first worker has answered its accepted requests itself while it drained.
  CHECK(first.log().find("0 undeliverable") != std::string::npos);
}

TEST_CASE("when one of two workers is killed under load, clients with retries get every picture") {
  NatsServer nats;
  WorkerProcess first(nats.url(), {"model.null_pace=2ms"}), second(nats.url(), {"model.null_pace=2ms"});
  RetryingClient client(nats.url(), 20);
  CHECK(pump_until_done(client, 60));
  CHECK(first.metric("inpaintd_requests_received_total") > 0);
  CHECK(second.metric("inpaintd_requests_received_total") > 0);
  first.process().kill();
  CHECK(pump_until_done(client, client.done() + 60));
  check_nothing_lost(client);
}

TEST_CASE("in a cluster, clients with retries get every picture when a server and a worker are killed under load") {
  NatsCluster cluster(3);
  std::vector<std::unique_ptr<WorkerProcess>> workers;
  for (int i = 0; i < 3; ++i)
    workers.push_back(std::make_unique<WorkerProcess>(cluster.urls(), std::vector<std::string>{"model.null_pace=2ms"}));
  RetryingClient client(cluster.urls(), 30);
  CHECK(pump_until_done(client, 100));
  cluster[0].stop();
  CHECK(pump_until_done(client, client.done() + 100));
  workers[1]->process().kill();
  CHECK(pump_until_done(client, client.done() + 100));
  check_nothing_lost(client);
  for (const std::size_t survivor : {0u, 2u}) {
    CHECK(eventually([&] { return workers[survivor]->metric("inpaintd_in_flight_requests") == 0; }));
    CHECK(eventually([&] { return workers[survivor]->metric("inpaintd_ready") == 1; }));
  }
}
