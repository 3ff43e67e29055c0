// SPDX-License-Identifier: Apache-2.0
// When only a new process helps: everything is answered, and the exit code says so.
#include "tests/e2e/crowd.h"
#include "tests/e2e/service_fixture.h"
#include "tests/e2e/worker_process.h"
#include "tests/support/eventually.h"

using namespace inpaintd;
using namespace inpaintd::test;
using namespace std::chrono_literals;

namespace {

constexpr int exit_restart = 75;

std::unique_ptr<Connection> connect(const NatsServer& nats) {
  ConnectionOptions options;
  options.url = nats.url();
  options.connect_timeout = long_enough;
  auto client = Connection::open(options);
  REQUIRE(client);
  return std::move(*client);
}

// Sends, and waits until the worker has ended: it must have answered all that it took. What came when it took nothing
// more was answered by the NATS server.
void check_restart(WorkerProcess& worker, Connection& client) {
  Crowd crowd(client);
  for (int i = 0; i < 40; ++i) crowd.send(picture_request(std::to_string(i)));
  CHECK(eventually([&] { return worker.process().ended().has_value(); }));
  CHECK(worker.process().ended() == exit_restart);
  CHECK(eventually([&] { return crowd.each_answered_once(); }));
  CHECK(crowd.ended("done") > 0);
}

}  // namespace

TEST_CASE("a lost device: the other one finishes what was accepted, then the process asks to be started again") {
  NatsServer nats;
  // Both lose their device in the end, at different times: what the first leaves the second does, or nobody can.
  WorkerProcess worker(nats.url(), {"model.null_faults=lost:@5", "model.cpu_replicas=2", "model.null_pace=5ms",
                                    "batch.size_max=2", "device.warm_up=0ms"});
  const auto client = connect(nats);
  check_restart(worker, *client);
}

TEST_CASE("the only device hangs: what it held is answered, then the process asks to be started again") {
  NatsServer nats;
  WorkerProcess worker(nats.url(), {"model.null_faults=hang:@5:1000s", "model.null_pace=5ms", "batch.size_max=2",
                                    "device.warm_up=0ms", "device.watchdog=1s"});
  const auto client = connect(nats);
  check_restart(worker, *client);
}
