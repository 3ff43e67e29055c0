// SPDX-License-Identifier: Apache-2.0
// Failures that only a restart of the process can end: every request is answered, and the exit code asks for the
// restart.
#include "tests/e2e/crowd.h"
#include "tests/e2e/service_fixture.h"
#include "tests/e2e/worker_process.h"
#include "tests/support/client_connection.h"
#include "tests/support/eventually.h"

using namespace inpaintd;
using namespace inpaintd::test;
using namespace std::chrono_literals;

namespace {

constexpr int exit_restart = 75;

// Sends requests, and waits until the worker has ended. The worker must have answered all accepted requests; the NATS
// server answers requests that arrive later.
void check_restart(WorkerProcess& worker, const NatsServer& nats) {
  const auto client = connect_to(nats.url());
  Crowd crowd(*client);
  for (int i = 0; i < 40; ++i) crowd.send(picture_request(std::to_string(i)));
  CHECK(eventually([&] { return worker.process().ended().has_value(); }));
  CHECK(worker.process().ended() == exit_restart);
  CHECK(eventually([&] { return crowd.each_answered_once(); }));
  CHECK(crowd.ended("done") > 0);
}

}  // namespace

TEST_CASE("when devices are lost, all requests are answered, and the exit code asks for a restart") {
  NatsServer nats;
  // Both devices are lost, at different times. The second device finishes the requests of the first.
  WorkerProcess worker(nats.url(), {"model.null_faults=lost:@5", "model.cpu_replicas=2", "model.null_pace=5ms",
                                    "batch.size_max=2", "device.warm_up=0ms"});
  check_restart(worker, nats);
}

TEST_CASE("when the only device hangs, all requests are answered, and the exit code asks for a restart") {
  NatsServer nats;
  WorkerProcess worker(nats.url(), {"model.null_faults=hang:@5:1000s", "model.null_pace=5ms", "batch.size_max=2",
                                    "device.warm_up=0ms", "device.watchdog=1s"});
  check_restart(worker, nats);
}
