// SPDX-License-Identifier: Apache-2.0
// Gateways whose tasks are durable jobs, with real workers.
#include <algorithm>

#include "bus/subjects.h"
#include "image/codec.h"
#include "tests/e2e/gateway_fixture.h"
#include "tests/e2e/jobs_fixture.h"
#include "tests/e2e/worker_process.h"
#include "tests/support/held_runs.h"

using namespace inpaintd;
using namespace inpaintd::test;
using namespace std::chrono_literals;

namespace {

struct Gateways : JobsBench {
  GatewayRun a{url()}, b{url()};

  [[nodiscard]] std::string start(const std::string& quality = "80") const {
    return a.start_task({{"quality", quality}, {"timeout_ms", "600000"}});
  }
};

void check_result(const GatewayRun& gateway, const std::string& task) {
  EventClient stream(gateway.port(), "/tasks/" + task + "/events");
  const auto events = stream.all();
  REQUIRE(!events.empty());
  CHECK(events.back().kind == "result");
  const auto result = nlohmann::json::parse(events.back().data);
  CHECK(result["width"] == 768);
  const HttpAnswer picture = gateway.ask("GET", result["url"]);
  CHECK(picture.status == 200);
  CHECK(picture.body.size() == result["bytes"]);
  CHECK(decode_image(EncodedFile{as_bytes(picture.body)}, {}));
}

}  // namespace

TEST_CASE_FIXTURE(Gateways, "a task that waited for a worker is filled, and the picture is that of a plain request") {
  const std::string task = start();
  CHECK(b.task_status(task) == "queued");
  const WorkerProcess worker(url());
  check_result(b, task);
  check_result(a, task);
  const HttpAnswer plain = a.post_form("/inpaint?wait=1", demo_fields("image", "mask", {{"quality", "80"}}));
  CHECK(plain.status == 200);
  CHECK((plain.body == b.ask("GET", "/tasks/" + task + "/result").body));
  CHECK(eventually([&] { return messages(jobs_stream) == 0; }));
  CHECK(b.ask("DELETE", "/tasks/" + task).status == 204);
  CHECK(a.task_status(task) == "404");
}

TEST_CASE_FIXTURE(Gateways, "a broken picture is refused by the worker, and its error has the worker's words") {
  const WorkerProcess worker(url());
  // The answer is the error, or on a slow machine 202.
  (void)a.post_form("/inpaint", {{"image", "no picture"}, {"mask", "no mask"}, {"timeout_ms", "600000"}});
  const std::string task = jobs.ids("web")->at(0).substr(4);
  CHECK(eventually([&] { return b.task_status(task) == "error"; }));
  CHECK(b.ask("GET", "/tasks/" + task + "/result").status == 415);
}

TEST_CASE_FIXTURE(Gateways, "a task survives the restart of the gateway and the death of the worker, both at once") {
  HeldRuns held;
  WorkerProcess first(url(), {"device.warm_up=0ms", "model.null_faults=" + held.fault()});
  const std::string task = start();
  EventClient stream(b.port(), "/tasks/" + task + "/events");
  for (auto event = stream.next(); event && event->kind != "running";) event = stream.next();
  REQUIRE(wait_until("web." + task, "running"));
  a.gateway.reset();
  first.process().kill();
  a.restart();
  const WorkerProcess second(url());
  const auto events = stream.all();
  REQUIRE(!events.empty());
  CHECK(events.back().kind == "result");
  check_result(a, task);
  check_result(b, task);
}

TEST_CASE_FIXTURE(Gateways, "a task that another gateway cancels while a device computes it stays cancelled") {
  HeldRuns held;
  const WorkerProcess worker(url(), {"device.warm_up=0ms", "model.null_faults=" + held.fault()});
  const std::string task = start();
  REQUIRE(wait_until("web." + task, "running"));
  EventClient stream(a.port(), "/tasks/" + task + "/events");
  REQUIRE(stream.status() == 200);
  CHECK(json_of(b.ask("DELETE", "/tasks/" + task))["error"]["code"] == "cancelled");
  const auto events = stream.all();
  REQUIRE(!events.empty());
  CHECK(nlohmann::json::parse(events.back().data)["code"] == "cancelled");
  held.release();
  CHECK(eventually([&] { return messages(jobs_stream) == 0; }));
  CHECK(a.task_status(task) == "error");
  CHECK(a.ask("GET", "/tasks/" + task + "/result").status == 409);
}

TEST_CASE_FIXTURE(Gateways, "all tasks are finished while workers and the NATS server end") {
  std::vector<std::string> tasks;
  auto worker = std::make_unique<WorkerProcess>(url(), std::vector<std::string>{"model.null_pace=20ms"});
  for (int i = 0; i < 8; ++i) tasks.push_back(start(std::to_string(50 + i)));
  worker->process().kill();
  jetstream.server.restart();
  worker = std::make_unique<WorkerProcess>(url());
  REQUIRE(eventually([&] { return a.ask("GET", "/readyz").status == 200 && b.ask("GET", "/readyz").status == 200; }));
  for (const std::string& task : tasks) check_result(b, task);
}
