// SPDX-License-Identifier: Apache-2.0
// The gateway between HTTP clients and real workers.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <mutex>
#include <regex>
#include <set>
#include <thread>

#include "tests/e2e/gateway_fixture.h"
#include "tests/e2e/worker_process.h"
#include "tests/gateway/forms.h"
#include "tests/support/client_connection.h"
#include "tests/support/eventually.h"
#include "tests/support/held_runs.h"
#include "tests/support/temporary_directory.h"

using namespace inpaintd;
using namespace inpaintd::test;
using namespace std::chrono_literals;

namespace {

bool is_final(const ServerEvent& event) { return event.kind == "result" || event.kind == "error"; }

/// The kinds of the final events about a task in a new stream.
std::vector<std::string> endings(int port, const std::string& task) {
  std::vector<std::string> kinds;
  EventClient client(port, "/tasks/" + task + "/events");
  for (const ServerEvent& event : client.all())
    if (is_final(event)) kinds.push_back(event.kind);
  return kinds;
}

}  // namespace

TEST_CASE_FIXTURE(GatewayFixture,
                  "a form is answered with the picture, and the events of a task name a result with the same picture") {
  const WorkerProcess worker(nats.url());
  const HttpAnswer direct = post_form("/inpaint?wait=1", demo_fields());
  CHECK(direct.status == 200);
  CHECK(header_in(direct, "Content-Type") == "image/jpeg");
  CHECK(direct.body.starts_with("\xff\xd8"));

  const std::string task = start_task();
  CHECK(std::regex_match(task, std::regex("[0-9a-f]{32}")));
  EventClient stream(port(), "/events?task=" + task);
  const auto events = stream.all();
  REQUIRE(!events.empty());
  CHECK(events.back().kind == "result");
  CHECK(events.back().id == "1");
  const auto result = nlohmann::json::parse(events.back().data);
  CHECK(result["width"] == 768);
  CHECK(result["height"] == 512);
  CHECK(ask("GET", result["url"]).body == direct.body);
  CHECK(json_of(ask("GET", "/tasks/" + task))["status"] == "done");
  CHECK(EventClient(port(), "/events?task=" + task, "1").status() == 204);
  CHECK(endings(port(), task) == std::vector<std::string>{"result"});
  CHECK(ask("DELETE", "/tasks/" + task).status == 204);
  CHECK(ask("GET", "/tasks/" + task).status == 404);
}

TEST_CASE_FIXTURE(GatewayFixture, "clients of other inpainting programs get their pictures") {
  const WorkerProcess worker(nats.url());
  const HttpAnswer lama_cleaner = post_form("/inpaint", demo_fields("image", "mask", {{"ldmSteps", "25"}}));
  CHECK(lama_cleaner.status == 200);
  CHECK(lama_cleaner.body.starts_with("\xff\xd8"));
  const HttpAnswer clipdrop = post_form("/cleanup/v1", demo_fields("image_file", "mask_file"));
  CHECK(clipdrop.status == 200);
  CHECK(clipdrop.body.starts_with("\x89PNG"));
  // A 1 by 1 picture and a mask of another size, as IOPaint's clients send them.
  const std::string tiny =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
  const HttpAnswer iopaint =
      ask("POST", "/api/v1/inpaint", R"({"image": "data:image/png;base64,)" + tiny + R"(", "mask": ")" + tiny + "\"}");
  CHECK(iopaint.status == 200);
  CHECK(iopaint.body.starts_with("\x89PNG"));
  const HttpAnswer broken = ask("POST", "/api/v1/inpaint", R"({"image": "Zm9v", "mask": "Zm9v"})");
  CHECK(broken.status == 415);
  CHECK(json_of(broken).contains("errors"));
}

TEST_CASE_FIXTURE(GatewayFixture,
                  "a task is refused with the reason while no worker runs, and succeeds with a worker") {
  const HttpAnswer none = post_form("/inpaint", demo_fields());
  CHECK(none.status == 503);
  CHECK(json_of(none)["error"]["code"] == "no_workers");
  CHECK(header_in(none, "Retry-After") == "2");
  const WorkerProcess worker(nats.url());
  CHECK(post_form("/inpaint?wait=1", demo_fields()).status == 200);
}

TEST_CASE_FIXTURE(GatewayFixture, "the position of a waiting task falls, and a cancelled task ends at once") {
  HeldRuns first("@1"), seventh("@7");  // a position is told again when it has fallen by a quarter
  WorkerProcess worker(nats.url(), {"model.null_faults=" + first.fault() + "," + seventh.fault(), "device.watchdog=1h",
                                    "device.warm_up=0ms", "batch.size_max=1"});
  PausedWorker paused(worker);
  std::vector<std::string> tasks;
  // The options differ, because identical requests would be computed once.
  for (int i = 0; i < 12; ++i)
    tasks.push_back(start_task({{"quality", std::to_string(80 + i)}, {"timeout_ms", "600000"}}));
  EventClient last(port(), "/tasks/" + tasks.back() + "/events");
  EventClient cancelled(port(), "/tasks/" + tasks[10] + "/events");
  CHECK(json_of(ask("DELETE", "/tasks/" + tasks[10]))["error"]["code"] == "cancelled");
  paused.resume();
  const auto ending = cancelled.all();
  REQUIRE(!ending.empty());
  CHECK(nlohmann::json::parse(ending.back().data)["code"] == "cancelled");
  const auto next_position = [&] {
    while (const auto event = last.next()) {
      const auto data = nlohmann::json::parse(event->data);
      if (event->kind == "queued" && data["position"].is_number()) return data["position"].get<int>();
    }
    return -1;
  };
  const int before = next_position();
  first.release();
  int after = before;
  while (after == before) after = next_position();
  CHECK(after < before);
  seventh.release();
  for (const std::string& task : tasks) CHECK(endings(port(), task).size() == 1);
}

TEST_CASE_FIXTURE(GatewayFixture, "the tasks of a killed worker end with a retryable error") {
  settings.requester.grace = 500ms;
  restart();
  WorkerProcess worker(nats.url(), {"model.null_faults=hang:1:1000s", "device.warm_up=0ms"});
  const std::string task = start_task({{"timeout_ms", "2000"}});
  EventClient stream(port(), "/tasks/" + task + "/events");
  worker.process().kill();
  const auto events = stream.all();
  REQUIRE(!events.empty());
  const auto error = nlohmann::json::parse(events.back().data);
  CHECK(error["code"] == "deadline_exceeded");
  CHECK(error["retryable"] == true);
  CHECK(std::count_if(events.begin(), events.end(), is_final) == 1);
}

TEST_CASE_FIXTURE(
    GatewayFixture,
    "without a NATS server new tasks are refused, and open tasks report the lost connection and end when it is back") {
  WorkerProcess worker(nats.url());
  PausedWorker paused(worker);
  std::vector<std::string> tasks;
  for (int i = 0; i < 4; ++i) tasks.push_back(start_task({{"quality", std::to_string(80 + i)}}));
  EventClient stream(port(), "/tasks/" + tasks.back() + "/events");
  nats.stop();
  REQUIRE(eventually([&] { return ask("GET", "/readyz").status == 503; }));
  const HttpAnswer refused = post_form("/inpaint", demo_fields());
  CHECK(refused.status == 503);
  CHECK(json_of(refused)["error"]["code"] == "disconnected");
  nats.restart();
  paused.resume();
  const auto events = stream.all();
  CHECK(std::any_of(events.begin(), events.end(), [](const ServerEvent& event) {
    return event.data.find("connection to the NATS") != std::string::npos;
  }));
  REQUIRE(!events.empty());
  CHECK(events.back().kind == "result");
  for (const std::string& task : tasks) CHECK(endings(port(), task) == std::vector<std::string>{"result"});
  CHECK(eventually([&] { return post_form("/inpaint?wait=1", demo_fields()).status == 200; }));
}

TEST_CASE_FIXTURE(GatewayFixture,
                  "each task ends exactly once when worker and NATS server are killed and restarted under load") {
  settings.requester.grace = 500ms;
  restart();
  auto worker = std::make_unique<WorkerProcess>(nats.url(), std::vector<std::string>{"model.null_pace=20ms"});
  std::deque<EventClient> streams;  // opened at once, so that each one brings all events of its task
  const auto load = [&] {
    for (int i = 0; i < 10; ++i) {
      const auto fields = demo_fields("image", "mask", {{"quality", std::to_string(i + 50)}, {"timeout_ms", "5000"}});
      const HttpAnswer answer = post_form("/inpaint", fields);
      if (answer.status == 202)
        streams.emplace_back(port(), fmt::format("/tasks/{}/events", json_of(answer)["task_id"].get<std::string>()));
    }
  };
  load();
  worker->process().kill();
  worker = std::make_unique<WorkerProcess>(nats.url(), std::vector<std::string>{"model.null_pace=20ms"});
  load();
  nats.restart();
  load();
  REQUIRE(eventually([&] { return ask("GET", "/readyz").status == 200; }));
  REQUIRE(eventually([&] { return post_form("/inpaint?wait=1", demo_fields()).status == 200; }));
  load();
  CHECK(streams.size() >= 20);
  for (EventClient& stream : streams) {
    const auto events = stream.all();
    CHECK(std::count_if(events.begin(), events.end(), is_final) == 1);
    CHECK(!events.empty());
    if (!events.empty()) CHECK(is_final(events.back()));
  }
}

TEST_CASE_FIXTURE(GatewayFixture, "the trace context of a request reaches the workers") {
  const auto listener = connect_to(nats.url());
  std::mutex mutex;
  std::string seen;
  auto subscription = listener->subscribe("inpaint.v1.run", "", [&](const Message& message) {
    const std::lock_guard lock(mutex);
    seen = message.header("traceparent");
  });
  REQUIRE(listener->flush(long_enough));
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const HttpAnswer answer =
      ask("POST", "/inpaint", form(demo_fields()), {{"Content-Type", form_type}, {"traceparent", trace}});
  CHECK(answer.status == 202);
  CHECK(eventually([&] {
    const std::lock_guard lock(mutex);
    return seen == trace;
  }));
}

TEST_CASE_FIXTURE(GatewayFixture, "a picture beyond the max_payload of the NATS server is refused before it is sent") {
  const WorkerProcess worker(nats.url());
  const HttpAnswer answer = post_form("/inpaint", {{"image", std::string(8 << 20, 'x')}, {"mask", "m"}});
  CHECK(answer.status == 413);
  CHECK(json_of(answer)["error"]["message"].get<std::string>().find("max_payload") != std::string::npos);
}

TEST_CASE("after SIGTERM open tasks are finished, their streams get the results, and the exit code is 0") {
  NatsServer nats("max_payload: 8MB\n");
  WorkerProcess worker(nats.url());
  PausedWorker paused(worker);
  const TemporaryDirectory directory;
  const auto log = directory.path() / "log";
  const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "inpaint-gateway";
  const auto process =
      start_process({program.string(), "--server", nats.url(), "--listen", "127.0.0.1:0", "--log-format", "json"}, log);
  REQUIRE(eventually([&] { return contents(log).find("serving http://127.0.0.1:") != std::string::npos; }));
  const std::string text = contents(log), before = "serving http://127.0.0.1:";
  const int port = std::atoi(text.c_str() + text.find(before) + before.size());
  REQUIRE(eventually([&] { return http_exchange(port, http_request("GET", "/readyz")).status == 200; }));

  const std::string body = form(demo_fields());
  const HttpAnswer answer = http_exchange(port, http_request("POST", "/inpaint", body, {{"Content-Type", form_type}}));
  REQUIRE(answer.status == 202);
  const std::string task = json_of(answer)["task_id"];
  EventClient stream(port, "/tasks/" + task + "/events");
  CHECK(stream.status() == 200);
  process->signal(SIGTERM);
  REQUIRE(eventually([&] { return http_exchange(port, http_request("GET", "/readyz")).status == 503; }));
  CHECK(http_exchange(port, http_request("POST", "/inpaint", body, {{"Content-Type", form_type}})).status == 503);
  paused.resume();
  const auto events = stream.all();
  REQUIRE(!events.empty());
  CHECK(events.back().kind == "result");
  CHECK(http_exchange(port, http_request("GET", "/tasks/" + task + "/result")).status == 200);
  CHECK(eventually([&] { return process->ended().has_value(); }));
  CHECK(process->ended() == 0);
  CHECK(contents(log).find(task) == std::string::npos);  // the id is a secret
  CHECK(contents(log).find("\"code\":\"done\"") != std::string::npos);
}

TEST_CASE_FIXTURE(GatewayFixture,
                  "the last event of a stream whose task does not end within the drain timeout is closing") {
  settings.drain_timeout = 100ms;
  restart();
  WorkerProcess worker(nats.url());
  const PausedWorker paused(worker);
  const std::string task = start_task();
  EventClient stream(port(), "/tasks/" + task + "/events");
  CHECK(stream.status() == 200);
  CHECK(gateway->drain() == 1);
  const auto events = stream.all();
  REQUIRE(!events.empty());
  CHECK(events.back().kind == "closing");
}
