// SPDX-License-Identifier: Apache-2.0
#include "gateway/metrics.h"

#include <prometheus/text_serializer.h>

#include <chrono>
#include <sstream>

namespace inpaintd::gateway {
namespace {

// From a cached picture to the longest timeout that a client may ask for.
const prometheus::Histogram::BucketBoundaries time_buckets{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
                                                           2.5,   5,    10,    30,   60,  120,  300, 600};

prometheus::Family<prometheus::Counter>& counter(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

}  // namespace

Metrics::Metrics(const std::string& version)
    : answers_(counter(registry_, "inpaint_gateway_http_answers_total", "HTTP answers, by route and status.")),
      tasks_ended_(counter(registry_, "inpaint_gateway_tasks_total", "Tasks that ended: done, or the problem's code.")),
      task_seconds_(prometheus::BuildHistogram()
                        .Name("inpaint_gateway_task_seconds")
                        .Help("From submission to result, of tasks that ended with a picture.")
                        .Register(registry_)
                        .Add({}, time_buckets)),
      connections_(gauge("inpaint_gateway_connections", "Open HTTP connections.")),
      streams_(gauge("inpaint_gateway_streams", "Open event streams.")),
      body_bytes_(gauge("inpaint_gateway_body_bytes", "Bytes of all request bodies in flight.")),
      open_tasks_(gauge("inpaint_gateway_open_tasks", "Tasks that have not ended.")),
      tasks_(gauge("inpaint_gateway_tasks", "Tasks that are kept, open or ended.")),
      task_bytes_(gauge("inpaint_gateway_task_bytes", "Bytes of pictures, masks and results of the tasks.")),
      nats_connected_(gauge("inpaint_gateway_nats_connected", "1 while the gateway is connected to NATS.")),
      ready_(gauge("inpaint_gateway_ready", "1 while the gateway takes requests.")) {
  prometheus::BuildGauge()
      .Name("inpaint_gateway_build_info")
      .Help("Always 1; the version is in its label.")
      .Register(registry_)
      .Add({{"version", version}})
      .Set(1);
  for (const ErrorInfo& row : error_table) tasks_ended_.Add({{"code", std::string(row.name)}});
  for (const char* code : {"done", "no_workers", "disconnected"}) tasks_ended_.Add({{"code", code}});
}

prometheus::Gauge& Metrics::gauge(const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry_).Add({});
}

void Metrics::count_answer(std::string_view route, int status) {
  answers_.Add({{"route", std::string(route)}, {"status", std::to_string(status)}}).Increment();
}

void Metrics::count_task(std::string_view code, Microseconds time) {
  tasks_ended_.Add({{"code", std::string(code)}}).Increment();
  if (code == "done") task_seconds_.Observe(std::chrono::duration<double>(time).count());
}

std::string Metrics::text(const Gauges& now) {
  connections_.Set(static_cast<double>(now.connections));
  streams_.Set(static_cast<double>(now.streams));
  body_bytes_.Set(static_cast<double>(now.body_bytes));
  open_tasks_.Set(static_cast<double>(now.open_tasks));
  tasks_.Set(static_cast<double>(now.tasks));
  task_bytes_.Set(static_cast<double>(now.task_bytes));
  nats_connected_.Set(now.nats_connected ? 1 : 0);
  ready_.Set(now.ready ? 1 : 0);
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, registry_.Collect());
  return text.str();
}

}  // namespace inpaintd::gateway
