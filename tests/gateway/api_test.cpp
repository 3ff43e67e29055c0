// SPDX-License-Identifier: Apache-2.0
#include "gateway/api.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "gateway/routes.h"
#include "tests/gateway/fakes.h"
#include "tests/gateway/forms.h"

using namespace inpaintd;
using namespace inpaintd::gateway;
using namespace inpaintd::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

const Token alice{"0123456789abcdef", "alice", false}, boss{"fedcba9876543210", "boss", true};
const std::string good_json = R"({"image": "Zm9v", "mask": "YmFy"})";

struct ApiFixture {
  FakeTasks tasks;
  FakeLoop loop;
  Metrics metrics{"0"};
  Gauges gauges{.nats_connected = true};
  std::unique_ptr<Api> api = make({});

  std::unique_ptr<Api> make(AccessSettings access) {
    return std::make_unique<Api>(
        tasks, loop, Access(std::move(access)), StaticFiles(""), metrics, [this] { return gauges; },
        ApiSettings{1000, 250ms});
  }

  static HttpRequest request(const std::string& method, const std::string& target, const std::string& body = "",
                             std::vector<std::pair<std::string, std::string>> headers = {}) {
    HttpRequest request;
    request.method = method;
    request.target = *parse_target(target);
    request.headers = std::move(headers);
    request.headers.emplace_back("host", "localhost");
    if (request.header("content-type").empty()) request.headers.emplace_back("content-type", "application/json");
    request.body = body;
    return request;
  }
  HttpExchangePtr serve(HttpRequest request) {
    auto exchange = std::make_shared<HttpExchange>(std::move(request));
    api->serve(exchange);
    return exchange;
  }
  static HttpReply reply(const HttpExchangePtr& exchange) {
    REQUIRE(exchange->given());
    REQUIRE(std::holds_alternative<HttpReply>(*exchange->given()));
    return std::get<HttpReply>(*exchange->given());
  }
  static std::shared_ptr<EventQueue> events(const HttpExchangePtr& exchange) {
    REQUIRE(exchange->given());
    REQUIRE(std::holds_alternative<std::shared_ptr<EventStream>>(*exchange->given()));
    return std::dynamic_pointer_cast<EventQueue>(std::get<std::shared_ptr<EventStream>>(*exchange->given()));
  }
  static json body(const HttpReply& reply) { return json::parse(reply.content.text()); }
  static std::string header(const HttpReply& reply, const std::string& name) {
    for (const auto& [key, value] : reply.headers)
      if (key == name) return value;
    return "";
  }
  int refused(const HttpRequest& head) {
    const auto admitted = api->admit(head);
    const auto* reply = std::get_if<HttpReply>(&admitted);
    return reply == nullptr ? 0 : reply->status;
  }
};

}  // namespace

TEST_CASE("a pattern matches a path part by part") {
  CHECK(matches("/tasks/*", "/tasks/1"));
  CHECK(matches("/tasks/*/result", "/tasks/1/result"));
  CHECK(!matches("/tasks/*", "/tasks/"));
  CHECK(!matches("/tasks/*", "/tasks/1/result"));
  CHECK(!matches("/tasks/*/result", "/tasks/1"));
  CHECK(matches("/socket.io/", "/socket.io/"));
  CHECK(!matches("/socket.io/", "/socket.io"));
  CHECK(part("/tasks/1/result", 1) == "1");
  CHECK(part("/tasks", 1) == "");
}

TEST_CASE_FIXTURE(ApiFixture, "a task is accepted with its id when a worker has taken it, or soon after") {
  const auto exchange = serve(request("POST", "/inpaint", good_json));
  CHECK(!exchange->given());
  REQUIRE(tasks.submitted.size() == 1);
  CHECK(tasks.submitted[0].image == "foo");
  tasks.set("task-1", QueuedState{0, 100ms, ""});
  CHECK(reply(exchange).status == 202);
  CHECK(body(reply(exchange)) == json::parse(R"({"status": "queued", "task_id": "task-1"})"));
  CHECK(header(reply(exchange), "Location") == "/tasks/task-1");

  const auto silent = serve(request("POST", "/inpaint", good_json));
  REQUIRE(!loop.later.empty());
  CHECK(loop.later.back().first == 250ms);
  loop.run_later();
  CHECK(reply(silent).status == 202);
}

TEST_CASE_FIXTURE(ApiFixture, "a task that is refused at once is the answer itself") {
  const auto exchange = serve(request("POST", "/inpaint", good_json));
  tasks.set("task-1", no_workers("inpaint.v1.run"));
  CHECK(reply(exchange).status == 503);
  CHECK(body(reply(exchange))["error"]["code"] == "no_workers");
  CHECK(header(reply(exchange), "Retry-After") == "2");
  tasks.refuse = disconnected();
  CHECK(body(reply(serve(request("POST", "/inpaint", good_json))))["error"]["code"] == "disconnected");
}

TEST_CASE_FIXTURE(ApiFixture, "a client that waits gets the picture, or 202 when its time is over") {
  const auto waits = serve(request("POST", "/inpaint?wait=1", good_json));
  const auto prefers = serve(request("POST", "/inpaint", good_json, {{"prefer", "respond-async, Wait=10"}}));
  tasks.set("task-1", QueuedState{0, 1ms, ""});
  tasks.set("task-1", RunningState{1, "cpu"});
  CHECK(!waits->given());
  tasks.set("task-1", picture("jpeg bytes"));
  CHECK(reply(waits).status == 200);
  CHECK(reply(waits).content.text() == "jpeg bytes");
  CHECK(header(reply(waits), "Content-Type") == "image/jpeg");
  CHECK(header(reply(waits), "X-Task-Id") == "task-1");
  CHECK(!prefers->given());
  CHECK(loop.later.back().first == 10s);
  loop.run_later();
  CHECK(reply(prefers).status == 202);
  CHECK(body(reply(prefers))["task_id"] == "task-2");
}

TEST_CASE_FIXTURE(ApiFixture, "a task can be read and cancelled, and its result can be fetched") {
  (void)serve(request("POST", "/inpaint", good_json));
  CHECK(body(reply(serve(request("GET", "/tasks/task-1"))))["status"] == "queued");
  const HttpReply early = reply(serve(request("GET", "/tasks/task-1/result")));
  CHECK(early.status == 409);
  CHECK(body(early)["error"]["code"] == "not_finished");
  const auto waits = serve(request("GET", "/tasks/task-1/result?wait=1"));
  CHECK(!waits->given());
  tasks.set("task-1", picture("p", Format::png));
  CHECK(reply(waits).content.text() == "p");
  CHECK(header(reply(serve(request("HEAD", "/tasks/task-1/result"))), "Content-Type") == "image/png");
  CHECK(body(reply(serve(request("GET", "/tasks/task-1"))))["status"] == "done");
  tasks.set("task-1", problem(ErrorCode::cancelled, "m"));
  CHECK(reply(serve(request("GET", "/tasks/task-1/result"))).status == 409);
  CHECK(body(reply(serve(request("DELETE", "/tasks/task-1"))))["error"]["code"] == "cancelled");
  CHECK(tasks.cancelled == std::vector<std::string>{"task-1"});
  for (const char* method : {"GET", "DELETE"}) CHECK(reply(serve(request(method, "/tasks/unknown"))).status == 404);
  CHECK(reply(serve(request("GET", "/tasks/unknown/result"))).status == 404);
  CHECK(reply(serve(request("GET", "/tasks/unknown/events"))).status == 404);
}

TEST_CASE_FIXTURE(ApiFixture, "a stream tells the present state of each task, then the changes") {
  for (int i = 0; i < 2; ++i) (void)serve(request("POST", "/inpaint", good_json));
  tasks.set("task-1", RunningState{2, "cpu"});
  const auto exchange = serve(request("GET", "/events?task=task-1&task=task-2&task=task-1&task=unknown"));
  const auto queue = events(exchange);
  CHECK(queue->tasks().size() == 3);
  const std::string first = queue->take();
  CHECK(first.find("event: running\ndata: {\"task_id\":\"task-1\"") != std::string::npos);
  CHECK(first.find("event: queued\ndata: {\"task_id\":\"task-2\"") != std::string::npos);
  CHECK(first.find("event: error\ndata: {\"task_id\":\"unknown\",\"code\":\"not_found\"") != std::string::npos);
  tasks.set("task-2", picture("p"));
  CHECK(queue->take().starts_with("id: 011\nevent: result"));
  tasks.set("task-1", picture("p"));
  CHECK(queue->take().starts_with("id: 111\nevent: result"));
  CHECK(queue->ended());
  const auto again =
      serve(request("GET", "/events?task=task-1&task=task-2&task=unknown", "", {{"last-event-id", "111"}}));
  CHECK(reply(again).status == 204);
  CHECK(events(serve(request("GET", "/tasks/task-1/events")))->take().starts_with("id: 1\nevent: result"));
  CHECK(reply(serve(request("GET", "/events"))).status == 400);
}

TEST_CASE_FIXTURE(ApiFixture, "the priority high needs a token that allows it") {
  const std::string high = R"({"image": "Zm9v", "mask": "YmFy", "priority": "high"})";
  CHECK(reply(serve(request("POST", "/inpaint", high))).status == 403);
  api = make({{}, {}, {alice, boss}});
  const auto as = [&](const Token& token) {
    return request("POST", "/inpaint", high, {{"authorization", "Bearer " + token.secret}});
  };
  CHECK(reply(serve(as(alice))).status == 403);
  (void)serve(as(boss));
  REQUIRE(tasks.submitted.size() == 1);
  CHECK(tasks.submitted[0].priority == Priority::high);
}

TEST_CASE_FIXTURE(ApiFixture, "a valid trace context goes on to NATS") {
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  (void)serve(request("POST", "/inpaint", good_json, {{"traceparent", trace}}));
  (void)serve(request("POST", "/inpaint", good_json, {{"traceparent", "00-x"}}));
  CHECK(tasks.submitted.at(0).traceparent == trace);
  CHECK(tasks.submitted.at(1).traceparent == "");
}

TEST_CASE_FIXTURE(ApiFixture, "requests about tasks look for the tasks first, and fail if that is not possible") {
  CHECK(reply(serve(request("GET", "/tasks/1"))).status == 404);
  CHECK(tasks.loaded == std::vector<std::string>{"1"});
  CHECK(reply(serve(request("GET", "/events?task=1&task=2"))).status == 404);
  CHECK(tasks.loaded == std::vector<std::string>{"1", "2"});
  tasks.refuse = disconnected();
  for (const char* path : {"/tasks/1", "/tasks/1/result", "/tasks/1/events", "/events?task=1"})
    CHECK(reply(serve(request("GET", path))).status == 503);
  CHECK(reply(serve(request("DELETE", "/tasks/1"))).status == 503);
  CHECK(tasks.cancelled.empty());
}

TEST_CASE_FIXTURE(ApiFixture,
                  "a picture that is elsewhere is fetched for the answer, and the task's state has its size") {
  serve(request("POST", "/inpaint", good_json));
  TaskPicture stored = picture("");
  stored.stored_bytes = 5;
  tasks.set("task-1", stored);
  tasks.elsewhere = picture("bytes");
  CHECK(reply(serve(request("GET", "/tasks/task-1/result"))).content.text() == "bytes");
  CHECK(body(reply(serve(request("GET", "/tasks/task-1"))))["bytes"] == 5);
  tasks.elsewhere = problem(ErrorCode::store_failed, "the server is busy; try again");
  CHECK(reply(serve(request("GET", "/tasks/task-1/result"))).status == 502);
}

TEST_CASE_FIXTURE(ApiFixture, "only a task whose client waits without a limit is bound to its connection") {
  for (const char* target : {"/inpaint", "/inpaint?wait=1"}) serve(request("POST", target, good_json));
  serve(request("POST", "/inpaint", good_json, {{"prefer", "wait=10"}}));
  serve(request("POST", "/api/v1/inpaint", good_json));
  std::vector<bool> attached;
  for (const Submission& each : tasks.submitted) attached.push_back(each.attached);
  CHECK(attached == std::vector<bool>{false, true, false, true});
}

TEST_CASE_FIXTURE(ApiFixture, "site, token, path, method and draining are checked before a body is read") {
  CHECK(std::get<std::size_t>(api->admit(request("POST", "/inpaint"))) == 1000);
  CHECK(std::get<std::size_t>(api->admit(request("GET", "/tasks/1"))) == 0);
  CHECK(refused(request("GET", "/inpaint")) == 405);
  CHECK(refused(request("PUT", "/tasks/1")) == 405);
  CHECK(refused(request("POST", "/nothing")) == 404);
  CHECK(refused(request("GET", "/nothing")) == 0);  // perhaps a file
  HttpRequest rebound = request("POST", "/inpaint");
  rebound.headers = {{"host", "evil.example"}};
  CHECK(refused(rebound) == 403);
  CHECK(refused(request("POST", "/inpaint", "", {{"origin", "https://evil.example"}})) == 403);
  CHECK(refused(request("OPTIONS", "/inpaint")) == 204);
  api->drain();
  CHECK(refused(request("POST", "/inpaint")) == 503);
  CHECK(refused(request("GET", "/tasks/1")) == 0);
  api = make({{}, {}, {alice}});
  CHECK(refused(request("POST", "/inpaint")) == 401);
  CHECK(refused(request("GET", "/metrics")) == 401);
  CHECK(refused(request("GET", "/tasks/1")) == 0);
  CHECK(refused(request("GET", "/healthz")) == 0);
  CHECK(refused(request("POST", "/cleanup/v1", "", {{"x-api-key", alice.secret}})) == 0);
}

TEST_CASE_FIXTURE(ApiFixture, "lama-cleaner's clients get the picture without asking for it, and errors as text") {
  const std::string body = form({{"image", "i"}, {"mask", "m"}, {"ldmSteps", "25"}});
  const auto good = serve(request("POST", "/inpaint", body, {{"content-type", form_type}}));
  tasks.set("task-1", picture("p"));
  CHECK(reply(good).content.text() == "p");
  const auto bad = serve(request("POST", "/inpaint", body, {{"content-type", form_type}}));
  tasks.set("task-2", problem(ErrorCode::size_mismatch, "sizes differ"));
  CHECK(reply(bad).status == 422);
  CHECK(reply(bad).content.text() == "sizes differ\n");
}

TEST_CASE_FIXTURE(ApiFixture, "every request of IOPaint's page is answered") {
  const json config = body(reply(serve(request("GET", "/api/v1/server-config"))));
  CHECK(config["plugins"] == json::array());
  CHECK(config["modelInfos"][0]["name"] == "lama");
  CHECK(config["disableModelSwitch"] == false);
  CHECK(config["isDesktop"] == false);
  for (const char* key : {"removeBGModel", "removeBGModels", "realesrganModel", "realesrganModels",
                          "interactiveSegModel", "interactiveSegModels", "enableFileManager", "enableAutoSaving",
                          "enableControlnet", "controlnetMethod", "samplers"})
    CHECK(config.contains(key));
  CHECK(body(reply(serve(request("GET", "/api/v1/model"))))["model_type"] == "inpaint");
  CHECK(body(reply(serve(request("POST", "/api/v1/model", R"({"name": "lama"})"))))["name"] == "lama");
  CHECK(body(reply(serve(request("GET", "/api/v1/inputimage")))).is_null());
  CHECK(body(reply(serve(request("POST", "/api/v1/gen-info", "any")))) ==
        json::parse(R"({"prompt": "", "negative_prompt": ""})"));
  const auto painted = serve(request("POST", "/api/v1/inpaint", good_json));
  tasks.set("task-1", picture("p"));
  CHECK(reply(painted).content.text() == "p");
  CHECK(header(reply(painted), "Content-Type") == "image/jpeg");
  CHECK(body(reply(serve(request("POST", "/api/v1/inpaint", "{}"))))["errors"].get<std::string>().starts_with(
      "image is"));
}

TEST_CASE_FIXTURE(ApiFixture, "a Socket.IO session opens, connects, and is pinged") {
  const std::string opened(reply(serve(request("GET", "/socket.io/?EIO=4&transport=polling"))).content.text());
  REQUIRE(opened.starts_with("0{"));
  const json open = json::parse(opened.substr(1));
  CHECK(open["upgrades"] == json::array());
  CHECK(open["pingInterval"] == 25000);
  const std::string session = "/socket.io/?EIO=4&transport=polling&sid=" + open["sid"].get<std::string>();
  CHECK(reply(serve(request("POST", session, "40"))).content.text() == "ok");
  CHECK(reply(serve(request("GET", session))).content.text().starts_with("40{\"sid\":"));
  const auto poll = serve(request("GET", session));
  CHECK(!poll->given());
  CHECK(loop.later.back().first == 25s);
  loop.run_later();
  CHECK(reply(poll).content.text() == "2");
  CHECK(reply(serve(request("POST", session, "3"))).content.text() == "ok");
  CHECK(reply(serve(request("GET", "/socket.io/?EIO=4&transport=polling&sid=unknown"))).status == 400);
  CHECK(reply(serve(request("GET", "/socket.io/?EIO=4&transport=websocket"))).status == 400);
}

TEST_CASE_FIXTURE(ApiFixture, "ClipDrop's clients get PNG, and errors in ClipDrop's form") {
  const auto good = serve(
      request("POST", "/cleanup/v1", form({{"image_file", "i"}, {"mask_file", "m"}}), {{"content-type", form_type}}));
  REQUIRE(tasks.submitted.size() == 1);
  CHECK(tasks.submitted[0].options.format == Format::png);
  tasks.set("task-1", picture("p", Format::png));
  CHECK(header(reply(good), "Content-Type") == "image/png");
  const HttpReply bad = reply(serve(request("POST", "/cleanup/v1", "x", {{"content-type", form_type}})));
  CHECK(bad.status == 400);
  CHECK(body(bad)["error"].is_string());
}

TEST_CASE_FIXTURE(ApiFixture, "probes and metrics are answered") {
  CHECK(reply(serve(request("GET", "/healthz"))).status == 200);
  CHECK(body(reply(serve(request("GET", "/readyz")))) == json::parse(R"({"ready": true, "reasons": []})"));
  gauges.obstacle = "no place for tasks";
  CHECK(body(reply(serve(request("GET", "/readyz"))))["reasons"] == json::array({"no place for tasks"}));
  gauges.nats_connected = false;
  CHECK(reply(serve(request("GET", "/readyz"))).status == 503);
  api->drain();
  CHECK(body(reply(serve(request("GET", "/readyz"))))["reasons"].size() == 2);
  api->answered(request("GET", "/tasks/0123"), 200);
  const std::string text(reply(serve(request("GET", "/metrics"))).content.text());
  CHECK(text.find("inpaint_gateway_http_answers_total{route=\"/tasks/*\",status=\"200\"} 1") != std::string::npos);
  CHECK(text.find("inpaint_gateway_nats_connected 0") != std::string::npos);
}
