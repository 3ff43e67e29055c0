// SPDX-License-Identifier: Apache-2.0
// The metrics whose values are looked up at the time of a scrape.
#include <prometheus/text_serializer.h>

#include <array>
#include <utility>

#include "models/inpainter.h"
#include "monitoring/monitor.h"

namespace inpaintd {
namespace {

using prometheus::MetricFamily, prometheus::MetricType;
using Labels = std::vector<prometheus::ClientMetric::Label>;

/// A list of metric families. gauge() and counter() start a family, and value() and count() add to the last one.
class Table {
 public:
  Table& gauge(const char* name, const char* help) { return family(MetricType::Gauge, name, help); }
  Table& counter(const char* name, const char* help) { return family(MetricType::Counter, name, help); }
  Table& value(double value, Labels labels = {}) {
    prometheus::ClientMetric metric;
    metric.label = std::move(labels);
    (families_.back().type == MetricType::Gauge ? metric.gauge.value : metric.counter.value) = value;
    families_.back().metric.push_back(std::move(metric));
    return *this;
  }
  template <class Integer>
  Table& count(Integer count, Labels labels = {}) {
    return value(static_cast<double>(count), std::move(labels));
  }
  std::vector<MetricFamily> take() { return std::move(families_); }

 private:
  Table& family(MetricType type, const char* name, const char* help) {
    families_.push_back({name, help, type, {}});
    return *this;
  }
  std::vector<MetricFamily> families_;
};

/// One device slot: its labels, its health and its load.
struct Slot {
  Labels labels;
  DeviceHealth health;
  DeviceLoad::Snapshot load;
};

void add_devices(Table& table, const std::vector<Slot>& slots) {
  const auto each = [&](Table& family, auto read) {
    for (const Slot& slot : slots) family.count(read(slot), slot.labels);
  };
  each(table.gauge("inpaintd_device_ready", "1 while the device takes batches."),
       [](const Slot& slot) { return slot.health.state == DeviceHealth::State::ready; });
  each(table.counter("inpaintd_device_failures_total", "Times that the device ended or could not be loaded."),
       [](const Slot& slot) { return slot.health.failures; });
  each(table.counter("inpaintd_device_busy_seconds_total", "Time in which the device computed."),
       [](const Slot& slot) { return slot.load.busy.count(); });
  each(table.counter("inpaintd_device_batches_total",
                     "Batches that ran; the halves of a batch that failed count one each."),
       [](const Slot& slot) { return slot.load.batches; });
  each(table.counter("inpaintd_device_failed_batches_total", "Batches that ran and failed."),
       [](const Slot& slot) { return slot.load.failed_batches; });
  each(table.counter("inpaintd_device_tiles_total", "Tiles (inputs of the network) that ran."),
       [](const Slot& slot) { return slot.load.tiles; });
  each(table.gauge("inpaintd_device_running_tiles", "Tiles in the batch that runs now; 0 when idle."),
       [](const Slot& slot) { return slot.load.running_tiles; });
  table.gauge("inpaintd_model_info", "Always 1; the labels name the device's model, precision and way.");
  for (const Slot& slot : slots) {
    Labels labels = slot.labels;
    labels.push_back({"model", slot.health.model});
    labels.push_back({"precision", slot.health.precision});
    labels.push_back({"way", slot.health.way});
    if (!slot.health.model.empty()) table.value(1, std::move(labels));
  }
}

// Without the size as a label: clients choose sizes, so the number of labels would have no bound.
void add_queues(Table& table, const QueueBoard& queues) {
  std::array<std::size_t, EnumNames<Priority>::names.size()> waiting{};
  for (const auto& [key, tiles] : queues.read()) waiting.at(static_cast<std::size_t>(key.second)) += tiles;
  table.gauge("inpaintd_queue_tiles", "Tiles (inputs of the network) that wait for a device.");
  for (std::size_t i = 0; i < waiting.size(); ++i)
    table.count(waiting[i], {{"priority", std::string(EnumNames<Priority>::names[i])}});
}

void add_nats(Table& table, const Connection& connection) {
  const Connection::Statistics nats = connection.statistics();
  table.gauge("inpaintd_nats_connected", "1 while there is a connection to a NATS server.")
      .count(connection.connected());
  table.counter("inpaintd_nats_reconnects_total", "Times that a lost connection was established again.")
      .count(nats.reconnects);
  table.counter("inpaintd_nats_messages_total", "Messages to and from NATS.")
      .count(nats.in_messages, {{"direction", "in"}})
      .count(nats.out_messages, {{"direction", "out"}});
  table.counter("inpaintd_nats_bytes_total", "Payload of the messages to and from NATS in bytes.")
      .count(nats.in_bytes, {{"direction", "in"}})
      .count(nats.out_bytes, {{"direction", "out"}});
}

}  // namespace

std::vector<MetricFamily> Monitor::look_up() const {
  const TimePoint now = Clock::now();
  std::vector<Slot> slots;
  for (const DeviceHealth& health : parts_.devices->read()) {
    const std::size_t index = slots.size();
    slots.push_back(
        {{{"device", health.name}, {"slot", std::to_string(index)}}, health, parts_.loads.at(index)->read(now)});
  }
  const Phase phase = phase_;
  std::int64_t dropped = 0;
  if (phase != Phase::starting)
    for (const Subscription& each : *parts_.subscriptions) dropped += each.dropped();

  Table table;
  table.gauge("inpaintd_build_info", "Always 1; the labels name the version and the engine library.")
      .value(1, {{"version", parts_.version}, {"engine_library", engine_library()}});
  table.gauge("inpaintd_ready", "1 when /readyz answers 200.").count(readiness().ready);
  table.gauge("inpaintd_in_flight_requests", "Requests in flight: their answers are not sent yet.")
      .count(parts_.admission->requests());
  table.gauge("inpaintd_in_flight_bytes", "Memory that the requests in flight hold: messages, pictures, masks, tiles.")
      .count(parts_.admission->bytes());
  table
      .counter("inpaintd_nats_dropped_messages_total",
               "Messages dropped because they came faster than they were admitted (slow consumer).")
      .count(dropped);
  add_queues(table, *parts_.queues);
  add_nats(table, *parts_.connection);
  add_devices(table, slots);
  return table.take();
}

std::string Monitor::metrics_text() const {
  std::vector<MetricFamily> families = look_up();
  std::vector<MetricFamily> counted = parts_.metrics->collect();
  families.insert(families.end(), std::make_move_iterator(counted.begin()), std::make_move_iterator(counted.end()));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace inpaintd
