// SPDX-License-Identifier: Apache-2.0
// Gateways whose tasks are durable jobs in JetStream, with a stand-in for the workers.
#include <algorithm>
#include <mutex>
#include <set>

#include "bus/subjects.h"
#include "bus/wire/wire.h"
#include "tests/e2e/gateway_fixture.h"
#include "tests/e2e/jobs_fixture.h"
#include "tests/e2e/task_states.h"
#include "tests/gateway/forms.h"
#include "tests/support/client_connection.h"
#include "tests/support/eventually.h"

using namespace inpaintd;
using namespace inpaintd::test;
using namespace std::chrono_literals;

namespace {

struct TwoGateways : JobsBench {
  TaskStates worker{*connection};
  GatewayRun a{url()}, b{url()};
};

/// A task with any files: nothing reads them here.
std::string start(const GatewayRun& gateway, const std::string& image = "an image",
                  const std::vector<std::pair<std::string, std::string>>& more = {}) {
  std::vector<std::pair<std::string, std::string>> fields{
      {"image", image}, {"mask", "a mask"}, {"timeout_ms", "600000"}};
  fields.insert(fields.end(), more.begin(), more.end());
  const HttpAnswer answer = gateway.post_form("/inpaint", fields);
  if (answer.status != 202) FAIL(answer.body);
  return json_of(answer)["task_id"];
}

}  // namespace

TEST_CASE_FIXTURE(TwoGateways, "a task that one gateway has taken is answered, watched and fetched at another one") {
  const std::string task = start(a);
  CHECK(b.task_status(task) == "queued");
  CHECK(json_of(b.ask("GET", "/tasks/" + task))["position"].is_null());
  CHECK(json_of(b.ask("GET", "/tasks/" + task + "/result"))["error"]["code"] == "not_finished");
  EventClient stream(b.port(), "/tasks/" + task + "/events");
  REQUIRE(stream.status() == 200);
  CHECK(stream.next()->kind == "queued");
  worker.run(task);
  CHECK(stream.next()->kind == "running");
  CHECK(json_of(a.ask("GET", "/tasks/" + task))["device"] == "cpu");
  worker.finish(task, "a picture");
  const auto last = stream.next();
  REQUIRE(last);
  CHECK(last->kind == "result");
  CHECK(nlohmann::json::parse(last->data)["bytes"] == 9);
  CHECK(nlohmann::json::parse(last->data)["notes"][0]["code"] == "mask_empty");
  CHECK(!stream.next());
  for (const GatewayRun* each : {&a, &b}) {
    CHECK(each->task_status(task) == "done");
    const HttpAnswer picture = each->ask("GET", "/tasks/" + task + "/result");
    CHECK(picture.status == 200);
    CHECK(picture.body == "a picture");
    CHECK(header_in(picture, "X-Task-Id") == task);
    CHECK(header_in(picture, "Content-Type") == "image/jpeg");
  }
}

TEST_CASE_FIXTURE(TwoGateways, "a gateway that was started after the end of a task has its result") {
  const std::string task = start(a);
  EventClient before(a.port(), "/tasks/" + task + "/events");
  REQUIRE(before.status() == 200);
  CHECK(a.gateway->drain() == 0);  // JetStream has the task: the gateway does not wait for it
  CHECK(before.all().back().kind == "closing");
  a.gateway.reset();
  worker.finish(task, "a picture");
  a.restart();
  EventClient after(a.port(), "/tasks/" + task + "/events");
  CHECK(after.all().back().kind == "result");
  CHECK(a.ask("GET", "/tasks/" + task + "/result").body == "a picture");
}

TEST_CASE_FIXTURE(TwoGateways, "tasks and results outlive the NATS server") {
  const std::string done = start(a), waiting = start(a);
  worker.finish(done, "a picture");
  EventClient stream(b.port(), "/tasks/" + waiting + "/events");
  REQUIRE(stream.status() == 200);
  jetstream.server.stop();
  REQUIRE(eventually([&] { return a.ask("GET", "/readyz").status == 503; }));
  CHECK(a.task_status(done) == "503");
  jetstream.server.restart();
  REQUIRE(eventually([&] { return a.ask("GET", "/readyz").status == 200; }));
  REQUIRE(eventually([&] { return a.ask("GET", "/tasks/" + done + "/result").body == "a picture"; }));
  REQUIRE(eventually([&] { return connection->connected(); }));
  worker.finish(waiting, "another picture");
  CHECK(stream.all().back().kind == "result");
}

TEST_CASE_FIXTURE(TwoGateways, "a task is cancelled at another gateway, and its stream at the first one ends") {
  const std::string big(500'000, 'i'), task = start(a, big);
  CHECK(worker.has(job_image(TaskStates::job(task))));
  CHECK(!worker.has(job_mask(TaskStates::job(task))));  // a small file is in the job's message
  EventClient stream(a.port(), "/tasks/" + task + "/events");
  REQUIRE(stream.status() == 200);
  const HttpAnswer cancelled = b.ask("DELETE", "/tasks/" + task);
  CHECK(cancelled.status == 200);
  CHECK(json_of(cancelled)["error"]["code"] == "cancelled");
  const auto events = stream.all();
  REQUIRE(!events.empty());
  CHECK(nlohmann::json::parse(events.back().data)["code"] == "cancelled");
  CHECK(worker.status(task) == "error");
  CHECK(!worker.has(job_image(TaskStates::job(task))));
  // A worker that receives the job later has to find that it was cancelled.
  CHECK(a.ask("DELETE", "/tasks/" + task).status == 200);
  CHECK(worker.status(task) == "error");
}

TEST_CASE_FIXTURE(TwoGateways, "a finished task that is deleted is forgotten everywhere, and its result is removed") {
  const std::string task = start(a), refused = start(a);
  worker.finish(task, "a picture");
  worker.fail(refused, {ErrorCode::unsupported_image, "no picture"});
  CHECK(worker.has(job_result(TaskStates::job(task))));
  for (const std::string& each : {task, refused}) {
    CHECK(b.ask("DELETE", "/tasks/" + each).status == 204);
    CHECK(worker.status(each) == "none");
    CHECK(a.task_status(each) == "404");
    CHECK(a.ask("DELETE", "/tasks/" + each).status == 404);
    CHECK(a.ask("GET", "/tasks/" + each + "/events").status == 404);
  }
  CHECK(!worker.has(job_result(TaskStates::job(task))));
}

TEST_CASE_FIXTURE(TwoGateways, "unknown tasks, other ids and removed results are not found") {
  const std::string task = start(a), unknown(32, '0');
  worker.finish(task, "a picture");
  for (const std::string& id : {unknown, std::string("*"), std::string("web.x"), task + ".x", task.substr(1)}) {
    CAPTURE(id);
    CHECK(a.ask("GET", "/tasks/" + id).status == 404);
    CHECK(a.ask("DELETE", "/tasks/" + id).status == 404);
    CHECK(a.ask("GET", "/tasks/" + id + "/result").status == 404);
  }
  worker.remove(job_result(TaskStates::job(task)));
  CHECK(a.task_status(task) == "404");
  const std::string other = start(a);
  EventClient stream(b.port(), "/events?task=" + unknown + "&task=" + other);
  REQUIRE(stream.status() == 200);
  worker.finish(other, "a picture");
  std::multiset<std::string> ends;
  for (const ServerEvent& event : stream.all())
    if (event.kind == "result" || event.kind == "error") ends.insert(event.kind);
  CHECK(ends == std::multiset<std::string>{"error", "result"});
}

TEST_CASE_FIXTURE(TwoGateways,
                  "the error with which a worker ends a task is told to its stream, and is the answer for its result") {
  const std::string task = start(a);
  EventClient stream(b.port(), "/tasks/" + task + "/events");
  REQUIRE(stream.status() == 200);
  worker.fail(task, {ErrorCode::unsupported_image, "no picture"});
  const auto events = stream.all();
  REQUIRE(!events.empty());
  CHECK(nlohmann::json::parse(events.back().data)["code"] == "unsupported_image");
  CHECK(a.ask("GET", "/tasks/" + task + "/result").status == 415);
}

TEST_CASE_FIXTURE(TwoGateways, "a task that no worker finishes in its time ends as deadline_exceeded, everywhere") {
  // The answer is 202, or on a slow machine the end itself.
  (void)a.post_form("/inpaint", {{"image", "an image"}, {"mask", "a mask"}, {"timeout_ms", "1"}});
  const std::string task = jobs.ids("web")->at(0).substr(4);
  EventClient stream(b.port(), "/tasks/" + task + "/events");
  const auto events = stream.all();
  REQUIRE(!events.empty());
  CHECK(nlohmann::json::parse(events.back().data)["code"] == "deadline_exceeded");
  const auto state = jobs.state(TaskStates::job(task));
  REQUIRE(state);
  CHECK(std::get<wire::Failed>((*state)->reply).error.code == ErrorCode::deadline_exceeded);
  CHECK(eventually([&] {
    const std::string metrics = a.ask("GET", "/metrics").body;
    return metrics.find("inpaint_gateway_tasks_total{code=\"deadline_exceeded\"} 1") != std::string::npos &&
           metrics.find("inpaint_gateway_open_tasks 0") != std::string::npos;
  }));
}

TEST_CASE_FIXTURE(TwoGateways, "the job's message has the task's options, timeout, priority and trace context") {
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const std::string body =
      form({{"image", "an image"}, {"mask", "a mask"}, {"priority", "low"}, {"timeout_ms", "77000"}, {"dilate", "5"}});
  std::mutex mutex;
  std::optional<Message> seen;
  const auto subscription = connection->subscribe("inpaint.v1.jobs.low", "", [&](const Message& message) {
    const std::lock_guard lock(mutex);
    seen = message;
  });
  REQUIRE(connection->flush(long_enough));
  const HttpAnswer answer = a.ask("POST", "/inpaint", body, {{"Content-Type", form_type}, {"traceparent", trace}});
  REQUIRE(answer.status == 202);
  REQUIRE(eventually([&] {
    const std::lock_guard lock(mutex);
    return seen.has_value();
  }));
  const auto request = wire::decode_request(seen->data());
  REQUIRE(request);
  CHECK(request->id == TaskStates::job(json_of(answer)["task_id"]));
  CHECK(request->timeout == 77s);
  CHECK(request->options.dilate == 5);
  CHECK(seen->header("traceparent") == trace);
}

TEST_CASE(
    "without buckets tasks are kept in memory, or refused where JetStream is asked for; and they are found later") {
  const JetStreamServer server;
  GatewayRun automatic(server.server.url()), memory(server.server.url(), gateway::TaskPlace::memory);
  CHECK(json_of(automatic.post_form("/inpaint", demo_fields()))["error"]["code"] == "no_workers");
  CHECK(automatic.ask("GET", "/tasks/" + std::string(32, '0')).status == 404);
  gateway::GatewaySettings settings = automatic.settings;
  settings.task_place = gateway::TaskPlace::jetstream;
  auto started = gateway::Gateway::start(settings, nullptr, "0.0.1");
  REQUIRE(started);
  const int port = (*started)->port();
  const auto readiness = [&] { return http_exchange(port, http_request("GET", "/readyz")); };
  REQUIRE(eventually([&] { return readiness().body.find("inpaint-setup") != std::string::npos; }));
  CHECK(readiness().status == 503);
  const HttpAnswer refused =
      http_exchange(port, http_request("POST", "/inpaint", form(demo_fields()), {{"Content-Type", form_type}}));
  CHECK(refused.status == 502);
  CHECK(json_of(refused)["error"]["code"] == "store_failed");
  make_layout(*connect_to(server.server.url()));
  CHECK(eventually([&] { return readiness().status == 200; }));
  CHECK(eventually([&] { return automatic.post_form("/inpaint", demo_fields()).status == 202; }));
  CHECK(memory.post_form("/inpaint", demo_fields()).status == 503);
}

TEST_CASE("the permissions of docs/gateway.md suffice; without those for hints a task's end is noticed all the same") {
  const std::string publish =
      R"(["inpaint.v1.run", "inpaint.v1.run.low", "inpaint.v1.cancel", "inpaint.v1.jobs.normal", "inpaint.v1.jobs.low",
      "$KV.inpaint_jobs.web.>", "$JS.API.STREAM.INFO.KV_inpaint_jobs",
      "$JS.API.DIRECT.GET.KV_inpaint_jobs.$KV.inpaint_jobs.web.>", "$O.inpaint_pictures.>",
      "$JS.API.STREAM.INFO.OBJ_inpaint_pictures", "$JS.API.STREAM.MSG.GET.OBJ_inpaint_pictures",
      "$JS.API.DIRECT.GET.OBJ_inpaint_pictures", "$JS.API.STREAM.PURGE.OBJ_inpaint_pictures"])";
  const auto user = [&](const std::string& name, const std::string& subscribe) {
    return "{user: " + name + ", password: x, permissions: {publish: " + publish + ", subscribe: [" + subscribe + "]}}";
  };
  const JetStreamServer server("authorization { timeout: 60, users: [{user: admin, password: x}," +
                               user("all", R"("_INBOX.gateway.>", "inpaint.v1.jobs.done.web.>")") + "," +
                               user("deaf", R"("_INBOX.gateway.>")") + "] }");
  const auto admin = connect_to(server.server.address("nats", "admin:x@"));
  make_layout(*admin);
  TaskStates worker(*admin);
  for (const std::string name : {"all", "deaf"}) {
    CAPTURE(name);
    GatewayRun gateway(server.server.address("nats", name + ":x@"), gateway::TaskPlace::jetstream, "_INBOX.gateway");
    const std::string big(3'000'000, 'i'), task = start(gateway, big), cancelled = start(gateway, big);
    EventClient stream(gateway.port(), "/tasks/" + task + "/events");
    REQUIRE(stream.status() == 200);
    worker.finish(task, big);
    CHECK(stream.all().back().kind == "result");
    CHECK((gateway.ask("GET", "/tasks/" + task + "/result").body == big));
    CHECK(gateway.ask("DELETE", "/tasks/" + task).status == 204);
    CHECK(!worker.has(job_result(TaskStates::job(task))));
    CHECK(gateway.ask("DELETE", "/tasks/" + cancelled).status == 200);
    CHECK(!worker.has(job_image(TaskStates::job(cancelled))));
    (void)gateway.post_form("/inpaint", {{"image", "an image"}, {"mask", "a mask"}, {"timeout_ms", "1"}});
    CHECK(eventually([&] {
      const std::string metrics = gateway.ask("GET", "/metrics").body;
      return metrics.find("inpaint_gateway_tasks_total{code=\"deadline_exceeded\"} 1") != std::string::npos;
    }));
  }
}
