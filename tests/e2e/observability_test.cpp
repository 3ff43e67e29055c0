// SPDX-License-Identifier: Apache-2.0
// The observable state of a service: metrics, probes, the dashboard, logs.
#include <signal.h>

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>

#include "tests/e2e/crowd.h"
#include "tests/e2e/service_fixture.h"
#include "tests/e2e/worker_process.h"
#include "tests/support/client_connection.h"
#include "tests/support/eventually.h"
#include "tests/support/held_runs.h"
#include "tests/support/http_get.h"
#include "tests/support/reserved_port.h"

using namespace inpaintd;
using namespace inpaintd::test;
using namespace std::chrono_literals;

namespace {

struct ObservabilityFixture : ServiceFixture {
  [[nodiscard]] std::string metrics() const {
    const auto answer = http(service->http_port(), "/metrics");
    REQUIRE(answer.status == 200);
    CHECK(answer.headers.find("text/plain; version=0.0.4") != std::string::npos);
    return answer.body;
  }
  [[nodiscard]] double metric(const std::string& name) const { return metric_in(metrics(), name); }
};

/// Every word in `text` that has the form of a metric of this project, without the suffixes that Prometheus appends to
/// histograms.
std::set<std::string> metric_names(const std::string& text) {
  static const std::regex pattern("inpaintd_[a-z_]+"), suffix("_(bucket|sum|count)$");
  std::set<std::string> names;
  for (std::sregex_iterator each(text.begin(), text.end(), pattern), end; each != end; ++each)
    names.insert(std::regex_replace(each->str(), suffix, ""));
  return names;
}

/// The names of the metric families in Prometheus' text format.
std::set<std::string> families(const std::string& metrics) {
  std::set<std::string> names;
  std::istringstream lines(metrics);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("# TYPE ")) names.insert(line.substr(7, line.find(' ', 7) - 7));
  return names;
}

}  // namespace

TEST_CASE_FIXTURE(ObservabilityFixture, "the metrics count how requests end") {
  const std::string before = metrics();
  CHECK(metric_in(before, "inpaintd_requests_received_total") == 0);
  CHECK(metric_in(before, R"(inpaintd_requests_total{code="done"})") == 0);
  CHECK(metric_in(before, R"(inpaintd_requests_total{code="overloaded"})") ==
        0);  // alerts need the metric from the start

  for (int i = 0; i < 3; ++i) (void)picture(picture_request(std::to_string(i)));
  (void)refusal("what?");
  CHECK(eventually([&] { return metric("inpaintd_in_flight_requests") == 0; }));
  const std::string after = metrics();
  CHECK(metric_in(after, "inpaintd_requests_received_total") == 4);
  CHECK(metric_in(after, R"(inpaintd_requests_total{code="done"})") == 3);
  CHECK(metric_in(after, R"(inpaintd_requests_total{code="bad_request"})") == 1);
  CHECK(metric_in(after, "inpaintd_in_flight_bytes") == 0);
  CHECK(metric_in(after, "inpaintd_request_seconds_count") == 3);
  for (const char* stage : {"decode", "queue", "infer", "encode"})
    CHECK(metric_in(after, R"(inpaintd_stage_seconds_count{stage=")" + std::string(stage) + "\"}") == 3);
  CHECK(metric_in(after, "inpaintd_batch_size_sum") == 3);
  CHECK(metric_in(after, "inpaintd_pixels_asked_total") == 3 * 64 * 64);
  CHECK(metric_in(after, "inpaintd_pixels_run_total") == 3 * 256 * 256);
  const std::string slot = R"({device="cpu",slot="0"})";
  CHECK(metric_in(after, "inpaintd_device_ready" + slot) == 1);
  CHECK(metric_in(after, "inpaintd_device_tiles_total" + slot) == 3);
  CHECK(metric_in(after, "inpaintd_device_busy_seconds_total" + slot) > 0);
  CHECK(metric_in(after, R"(inpaintd_model_info{device="cpu",slot="0",model="null",precision="none",way="null"})") ==
        1);
  CHECK(metric_in(after, R"(inpaintd_nats_messages_total{direction="in"})") >= 4);
  CHECK(metric_in(after, R"(inpaintd_nats_bytes_total{direction="out"})") > 3 * 64 * 64 * 3);
  CHECK(metric_in(after, "inpaintd_nats_connected") == 1);
  CHECK(metric_in(after, "inpaintd_ready") == 1);
  CHECK(after.find("inpaintd_build_info{version=\"0.0.1\"") != std::string::npos);
}

TEST_CASE_FIXTURE(ObservabilityFixture, "tiles that wait for a device are shown by priority and by size") {
  HeldRuns held;
  config.model.null_faults = held.fault();
  config.batch.watchdog = 1h;
  config.batch.size_max = 1;
  restart();
  Crowd crowd(*client);
  for (int i = 0; i < 60; ++i) crowd.send(picture_request(std::to_string(i)));
  CHECK(eventually([&] { return metric(R"(inpaintd_queue_tiles{priority="normal"})") > 0; }));
  CHECK(metric(R"(inpaintd_queue_tiles{priority="high"})") == 0);
  CHECK(eventually([&] {
    const auto stats = client->request("$SRV.STATS.inpaint", {}, long_enough);
    REQUIRE(stats);
    const std::string text(stats->data().begin(), stats->data().end());
    return text.find(R"("queues":[{"width":256,"height":256,"tiles":)") != std::string::npos &&
           text.find(R"("in_flight":1,)") != std::string::npos;
  }));
  CHECK(eventually([&] { return service->metrics().received == 60; }));
  for (int i = 0; i < 60; ++i)
    REQUIRE(client->publish("inpaint.v1.cancel", as_bytes(wire::encode_cancel(std::to_string(i)))));
  held.release();
  CHECK(eventually([&] { return crowd.each_answered_once(); }));
  CHECK(eventually([&] { return metric(R"(inpaintd_queue_tiles{priority="normal"})") == 0; }));
}

TEST_CASE_FIXTURE(ObservabilityFixture, "every metric family has one help text, and labels distinguish the replicas") {
  config.model.cpu_replicas = 2;
  restart();
  const std::string text = metrics();
  const auto names = families(text);
  CHECK(names.size() > 25);
  for (const std::string& name : names) {
    CAPTURE(name);
    const std::size_t help = text.find("# HELP " + name + " ");
    REQUIRE(help != std::string::npos);
    CHECK(text[text.find('\n', help) - 1] == '.');
    CHECK(text.find("# HELP " + name + " ", help + 1) == std::string::npos);
  }
  // The service starts when the first device is ready; the order of the devices is not fixed.
  for (const char* slot : {"0", "1"})
    CHECK(eventually(
        [&] { return metric(R"(inpaintd_device_ready{device="cpu",slot=")" + std::string(slot) + "\"}") == 1; }));
}

TEST_CASE_FIXTURE(ObservabilityFixture,
                  "the dashboard and the documentation name existing metrics only, and the documentation all of them") {
  const auto known = families(metrics());
  const std::string dashboard = contents(INPAINTD_SOURCE_DIR "/deploy/grafana-dashboard.json");
  const std::string manual = contents(INPAINTD_SOURCE_DIR "/docs/operations.md");
  const std::string alerts = contents(INPAINTD_SOURCE_DIR "/deploy/prometheus-alerts.yml");
  CHECK(metric_names(dashboard).size() > 15);
  for (const std::string& text : {dashboard, manual, alerts})
    for (const std::string& name : metric_names(text)) {
      CAPTURE(name);
      CHECK(known.count(name) == 1);
    }
  for (const std::string& name : known) {
    CAPTURE(name);
    CHECK(manual.find("`" + name) != std::string::npos);
  }
}

TEST_CASE_FIXTURE(ObservabilityFixture, "healthz answers as long as the process runs, and readyz names the devices") {
  const auto health = http(service->http_port(), "/healthz");
  CHECK(health.status == 200);
  CHECK(health.body.find("\"id\":\"" + service->id() + "\"") != std::string::npos);
  const auto ready = http(service->http_port(), "/readyz");
  CHECK(ready.status == 200);
  CHECK(ready.headers.find("application/json") != std::string::npos);
  CHECK(ready.body.starts_with(R"({"ready":true,"reasons":[],"devices":[{"device":"cpu","state":"ready")"));
}

TEST_CASE_FIXTURE(
    ObservabilityFixture,
    "a service without http.listen has no probe server, and a service whose port is taken runs without one") {
  const ReservedPort port;
  config.http.listen = "127.0.0.1:" + std::to_string(port.number());
  restart();
  CHECK(service->http_port() == port.number());
  config.http.listen = "";
  restart();
  CHECK(service->http_port() == 0);
  CHECK(http(port.number(), "/healthz").status == 0);
  config.http.listen = "127.0.0.1:" + std::to_string(nats.port());
  restart();
  CHECK(service->http_port() == 0);
  check_alive();
}

TEST_CASE_FIXTURE(ObservabilityFixture, "the answer has the trace context of its request") {
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const std::string inbox = client->new_inbox();
  std::mutex mutex;
  std::vector<std::string> seen;
  auto subscription = client->subscribe(inbox, "", [&](const Message& message) {
    const std::lock_guard lock(mutex);
    seen.push_back(message.header("traceparent"));
  });
  REQUIRE(subscription);
  const auto send = [&](const std::string& bytes, const std::string& header) {
    const auto count = [&] {
      const std::lock_guard lock(mutex);
      return seen.size();
    };
    const std::size_t before = count();
    REQUIRE(client->publish("inpaint.v1.run", as_bytes(bytes), {{"traceparent", header}}, inbox));
    REQUIRE(eventually([&] { return count() > before; }));
    const std::lock_guard lock(mutex);
    return seen.back();
  };
  CHECK(send(small_request("good"), trace) == trace);
  CHECK(send("not a request", trace) == trace);
  CHECK(send(small_request("malformed"), "00-xyz") == "");
}

TEST_CASE("with log.format json every line of the log is JSON, and lines about a request name it") {
  NatsServer nats;
  WorkerProcess worker(nats.url(), {"log.format=json", "log.level=debug"});
  const auto client = connect_to(nats.url());
  REQUIRE(client->request("inpaint.v1.run", as_bytes(picture_request("mine")), long_enough));
  const std::string inbox = client->new_inbox();
  const std::string trace_id = "0af7651916cd43dd8448eb211c80319c";
  const Headers headers{{"traceparent", "00-" + trace_id + "-b7ad6b7169203331-01"}};
  const std::string broken = "\x81\xa2id\xa6\"quote";  // an unreadable message; its bytes must not break the line
  REQUIRE(client->publish("inpaint.v1.run", as_bytes(broken), headers, inbox));
  CHECK(eventually([&] { return worker.log().find("bad_request") != std::string::npos; }));
  CHECK(eventually(
      [&] { return worker.log().find(R"("message":"done","request":"mine","code":"done")") != std::string::npos; }));
  worker.process().signal(SIGTERM);  // ends the process, so that the last line is complete
  REQUIRE(eventually([&] { return worker.process().ended().has_value(); }));

  std::istringstream lines(worker.log());
  bool traced = false;
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK(line.starts_with("{\"time\":\"2"));
    CHECK(line.ends_with("}"));
    if (line.find("bad_request") != std::string::npos)
      traced = line.find("\"trace_id\":\"" + trace_id + "\"") != std::string::npos;
  }
  CHECK(traced);
}
