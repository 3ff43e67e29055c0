// SPDX-License-Identifier: Apache-2.0
// Gateways whose tasks are durable jobs in JetStream, with a stand-in for the workers.
#include <algorithm>
#include <mutex>
#include <set>

#include "bus/jobs.h"
#include "bus/key_value.h"
#include "bus/layout.h"
#include "bus/object_store.h"
#include "bus/subjects.h"
#include "bus/wire/wire.h"
#include "tests/e2e/gateway_fixture.h"
#include "tests/gateway/forms.h"
#include "tests/support/client_connection.h"
#include "tests/support/eventually.h"

using namespace inpaintd;
using namespace inpaintd::test;
using namespace std::chrono_literals;

namespace {

/// A NATS server with JetStream, and what tests do in the place of workers.
class Bench {
 public:
  explicit Bench(const std::string& config = {}, const std::string& user = {})
      : jetstream("max_payload: 1MB\n" + config), connection(connect_to(url(user))) {}

  void make_layout() {
    Layout layout(*connection, {}, long_enough);
    for (const std::string& part : layout.parts()) REQUIRE(layout.make(part));
  }

  [[nodiscard]] std::string url(const std::string& user = {}) const { return jetstream.server.address("nats", user); }
  static std::string job(const std::string& task) { return "web." + task; }

  void set(const std::string& task, const wire::Reply& reply) {
    const auto entry = states.get(job(task));
    REQUIRE(entry);
    REQUIRE(*entry);
    const std::string value = wire::encode_job_state({.reply = reply, .deliveries = 1});
    REQUIRE(*states.update(job(task), as_bytes(value), (*entry)->revision));
    if (std::holds_alternative<wire::Done>(reply) || std::holds_alternative<wire::Failed>(reply))
      REQUIRE(connection->publish(job_ended_subject("inpaint", job(task)), as_bytes(value)));
  }
  void run(const std::string& task) { set(task, wire::Running{job(task), 2, "cpu"}); }
  void finish(const std::string& task, const std::string& picture) {
    REQUIRE(pictures.put(job_result(job(task)).name, as_bytes(picture)));
    wire::Done done;
    done.id = job(task);
    done.result = job_result(job(task));
    done.format = Format::jpeg;
    done.size = {768, 512};
    done.region = {0, 0, 768, 512};
    set(task, done);
  }
  void fail(const std::string& task, const Error& error) { set(task, wire::Failed{job(task), error}); }
  [[nodiscard]] std::string status(const std::string& task) {
    const auto state = jobs.state(job(task));
    REQUIRE(state);
    return *state ? std::string((*state)->status()) : "none";
  }
  /// The objects that are there.
  [[nodiscard]] bool has(const ObjectName& object) { return bool(pictures.info(object.name)); }

  JetStreamServer jetstream;
  std::unique_ptr<Connection> connection;
  Jobs jobs{*connection, "inpaint", long_enough};
  KeyValue states{*connection, std::string(jobs_bucket), long_enough};
  ObjectStore pictures{*connection, std::string(pictures_bucket), long_enough};
};

struct BenchWithLayout : Bench {
  BenchWithLayout() { make_layout(); }
};

/// Two gateways and the bench.
struct TwoGateways : BenchWithLayout {
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

std::string status_at(const GatewayRun& gateway, const std::string& task) {
  const HttpAnswer answer = gateway.ask("GET", "/tasks/" + task);
  return answer.status == 200 ? json_of(answer)["status"].get<std::string>() : std::to_string(answer.status);
}

}  // namespace

TEST_CASE_FIXTURE(TwoGateways, "a task that one gateway has taken is answered, watched and fetched at another one") {
  const std::string task = start(a);
  CHECK(status_at(b, task) == "queued");
  CHECK(json_of(b.ask("GET", "/tasks/" + task))["position"].is_null());
  CHECK(json_of(b.ask("GET", "/tasks/" + task + "/result"))["error"]["code"] == "not_finished");
  EventClient stream(b.port(), "/tasks/" + task + "/events");
  REQUIRE(stream.status() == 200);
  CHECK(stream.next()->kind == "queued");
  run(task);
  CHECK(stream.next()->kind == "running");
  CHECK(json_of(a.ask("GET", "/tasks/" + task))["device"] == "cpu");
  finish(task, "a picture");
  const auto last = stream.next();
  REQUIRE(last);
  CHECK(last->kind == "result");
  CHECK(nlohmann::json::parse(last->data)["bytes"] == 9);
  CHECK(!stream.next());
  for (const GatewayRun* each : {&a, &b}) {
    CHECK(status_at(*each, task) == "done");
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
  finish(task, "a picture");
  a.restart();
  EventClient after(a.port(), "/tasks/" + task + "/events");
  CHECK(after.all().back().kind == "result");
  CHECK(a.ask("GET", "/tasks/" + task + "/result").body == "a picture");
}

TEST_CASE_FIXTURE(TwoGateways, "tasks and results outlive the NATS server") {
  const std::string done = start(a), waiting = start(a);
  finish(done, "a picture");
  EventClient stream(b.port(), "/tasks/" + waiting + "/events");
  REQUIRE(stream.status() == 200);
  jetstream.server.stop();
  REQUIRE(eventually([&] { return a.ask("GET", "/readyz").status == 503; }));
  CHECK(status_at(a, done) == "503");
  jetstream.server.restart();
  REQUIRE(eventually([&] { return a.ask("GET", "/tasks/" + done + "/result").body == "a picture"; }));
  REQUIRE(eventually([&] { return connection->connected(); }));
  finish(waiting, "another picture");
  CHECK(stream.all().back().kind == "result");
}

TEST_CASE_FIXTURE(TwoGateways, "a task is cancelled at another gateway, and its stream at the first one ends") {
  const std::string big(500'000, 'i'), task = start(a, big);
  CHECK(has(job_image(job(task))));
  CHECK(!has(job_mask(job(task))));  // a small file is in the job's message
  EventClient stream(a.port(), "/tasks/" + task + "/events");
  REQUIRE(stream.status() == 200);
  const HttpAnswer cancelled = b.ask("DELETE", "/tasks/" + task);
  CHECK(cancelled.status == 200);
  CHECK(json_of(cancelled)["error"]["code"] == "cancelled");
  const auto events = stream.all();
  REQUIRE(!events.empty());
  CHECK(nlohmann::json::parse(events.back().data)["code"] == "cancelled");
  CHECK(status(task) == "error");
  CHECK(!has(job_image(job(task))));
  // A worker that receives the job later has to find that it was cancelled.
  CHECK(a.ask("DELETE", "/tasks/" + task).status == 200);
  CHECK(status(task) == "error");
}

TEST_CASE_FIXTURE(TwoGateways, "a finished task that is deleted is forgotten everywhere, and its result is removed") {
  const std::string task = start(a), refused = start(a);
  finish(task, "a picture");
  fail(refused, {ErrorCode::unsupported_image, "no picture"});
  CHECK(has(job_result(job(task))));
  for (const std::string& each : {task, refused}) {
    CHECK(b.ask("DELETE", "/tasks/" + each).status == 204);
    CHECK(status(each) == "none");
    CHECK(status_at(a, each) == "404");
    CHECK(a.ask("DELETE", "/tasks/" + each).status == 404);
    CHECK(a.ask("GET", "/tasks/" + each + "/events").status == 404);
  }
  CHECK(!has(job_result(job(task))));
}

TEST_CASE_FIXTURE(TwoGateways, "unknown tasks, other ids and removed results are not found") {
  const std::string task = start(a), unknown(32, '0');
  finish(task, "a picture");
  for (const std::string& id : {unknown, std::string("*"), std::string("web.x"), task + ".x", task.substr(1)}) {
    CAPTURE(id);
    CHECK(a.ask("GET", "/tasks/" + id).status == 404);
    CHECK(a.ask("DELETE", "/tasks/" + id).status == 404);
    CHECK(a.ask("GET", "/tasks/" + id + "/result").status == 404);
  }
  REQUIRE(pictures.remove(job_result(job(task)).name));
  CHECK(status_at(a, task) == "404");
  const std::string other = start(a);
  EventClient stream(b.port(), "/events?task=" + unknown + "&task=" + other);
  REQUIRE(stream.status() == 200);
  finish(other, "a picture");
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
  fail(task, {ErrorCode::unsupported_image, "no picture"});
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
  const auto state = jobs.state(job(task));
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
  CHECK(request->id == job(json_of(answer)["task_id"]));
  CHECK(request->timeout == 77s);
  CHECK(request->options.dilate == 5);
  CHECK(seen->header("traceparent") == trace);
}

TEST_CASE(
    "without buckets tasks are kept in memory, or refused where JetStream is asked for; and they are found later") {
  Bench bench;
  GatewayRun automatic(bench.url()), memory(bench.url(), gateway::TaskPlace::memory);
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
  bench.make_layout();
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
  Bench bench("authorization { timeout: 60, users: [{user: admin, password: x}," +
                  user("all", R"("_INBOX.gateway.>", "inpaint.v1.jobs.done.web.>")") + "," +
                  user("deaf", R"("_INBOX.gateway.>")") + "] }",
              "admin:x@");
  bench.make_layout();
  for (const std::string name : {"all", "deaf"}) {
    CAPTURE(name);
    GatewayRun gateway(bench.url(name + ":x@"), gateway::TaskPlace::jetstream, "_INBOX.gateway");
    const std::string big(3'000'000, 'i'), task = start(gateway, big), cancelled = start(gateway, big);
    EventClient stream(gateway.port(), "/tasks/" + task + "/events");
    REQUIRE(stream.status() == 200);
    bench.finish(task, big);
    CHECK(stream.all().back().kind == "result");
    CHECK((gateway.ask("GET", "/tasks/" + task + "/result").body == big));
    CHECK(gateway.ask("DELETE", "/tasks/" + task).status == 204);
    CHECK(!bench.has(job_result(Bench::job(task))));
    CHECK(gateway.ask("DELETE", "/tasks/" + cancelled).status == 200);
    CHECK(!bench.has(job_image(Bench::job(cancelled))));
    (void)gateway.post_form("/inpaint", {{"image", "an image"}, {"mask", "a mask"}, {"timeout_ms", "1"}});
    CHECK(eventually([&] {
      const std::string metrics = gateway.ask("GET", "/metrics").body;
      return metrics.find("inpaint_gateway_tasks_total{code=\"deadline_exceeded\"} 1") != std::string::npos;
    }));
  }
}
