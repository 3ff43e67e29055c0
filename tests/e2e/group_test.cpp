// SPDX-License-Identifier: Apache-2.0
// Two processes in one queue group, as on a machine with several GPUs (docs/operations.md). Clients without retries
// notice nothing.
#include <doctest/doctest.h>
#include <signal.h>

#include "tests/e2e/crowd.h"
#include "tests/e2e/worker_process.h"
#include "tests/support/client_connection.h"
#include "tests/support/eventually.h"
#include "tests/support/nats_server.h"

using namespace inpaintd;
using namespace inpaintd::test;

namespace {

double done_by(const WorkerProcess& worker) { return worker.metric(R"(inpaintd_requests_total{code="done"})"); }

/// Sends different pictures, so that no result is reused; and few at a time, so that no request is refused.
void send_one_more(Crowd& crowd) {
  if (crowd.open() < 20) crowd.send(picture_request(std::to_string(crowd.sent())));
}

}  // namespace

TEST_CASE("two processes in one queue group share the requests, and after the end of one the other answers all") {
  NatsServer nats;
  const auto client = connect_to(nats.url());
  WorkerProcess first(nats.url(), {"nats.queue_group=gpus"}), second(nats.url(), {"nats.queue_group=gpus"});
  Crowd crowd(*client);
  const auto send_until = [&crowd](const auto& condition) {
    return eventually([&] {
      send_one_more(crowd);
      return condition();
    });
  };
  CHECK(send_until([&] { return crowd.sent() >= 60 && done_by(first) > 0 && done_by(second) > 0; }));
  CHECK(eventually([&] { return crowd.each_answered_once(); }));
  CHECK(crowd.ended("done") == crowd.sent());
  CHECK(eventually([&] { return done_by(first) + done_by(second) == crowd.sent(); }));

  first.process().signal(SIGTERM);
  CHECK(send_until([&] { return first.process().ended().has_value(); }));
  CHECK(first.process().ended() == 0);
  const int before = crowd.sent();
  CHECK(send_until([&] { return crowd.sent() >= before + 40; }));
  CHECK(eventually([&] { return crowd.each_answered_once(); }));
  CHECK(crowd.ended("done") == crowd.sent());
}
