// SPDX-License-Identifier: Apache-2.0
#include "scheduling/batch_policy.h"

#include <algorithm>

namespace inpaintd {
namespace {

constexpr double equally_good = 0.97;      // of the best throughput; measurements vary by more
constexpr std::size_t candidates_max = 9;  // the powers of two up to 256 tiles, the largest batch
constexpr int share_lead = 4;              // batches that a size may be ahead of another size that waits

// The times of batches of one size on the device.
class Cost {
 public:
  Cost(const QueueView& queue, const DeviceView& device) : times_(device.latencies.times(device.name, queue.size)) {}

  [[nodiscard]] std::optional<Microseconds> of(std::size_t count) const { return times_.estimate(count); }
  [[nodiscard]] bool outdated(std::size_t count) const { return times_.outdated(count); }

 private:
  const LatencyTable::Times times_;
};

double throughput(std::size_t count, Microseconds time) {
  return static_cast<double>(count) / std::max<double>(1, static_cast<double>(time.count()));
}

bool in_time(const QueueView& queue, const DeviceView& device, const BatchSettings& settings, Microseconds time) {
  const bool on_target = settings.latency_target.count() == 0 || time <= settings.latency_target;
  return on_target && device.starts + time <= queue.deadline;
}

bool waiting_can_pay(const QueueView& queue, const Cost& cost, const BatchSettings& settings) {
  if (!settings.adaptive) return true;
  const auto now = cost.of(queue.count);
  const auto then = cost.of(queue.count + 1);
  const auto alone = cost.of(1);
  if (!now || !then || !alone) return true;
  return queue.gap && *now + *alone - *then > *queue.gap;
}

// The time until which a queue without a best batch may wait; no longer than the deadline of its head allows.
TimePoint due(const QueueView& queue, const Cost& cost, const BatchSettings& settings) {
  const TimePoint due = queue.oldest + settings.wait_max;
  const auto time = cost.of(queue.count);
  return settings.adaptive && time ? std::min(due, queue.deadline - *time) : due;
}

// Whether the size has used more device time than `other`, by more than the time of two of its batches.
bool had_its_share(const QueueView& queue, const QueueView& other, std::size_t count, const DeviceView& device) {
  const auto batch = Cost(queue, device).of(count);
  return batch && queue.used - other.used > *batch * share_lead;
}

std::size_t best_count(const QueueView& queue, const Cost& cost, const DeviceView& device,
                       const BatchSettings& settings) {
  const std::size_t limit = device.caps.cap(device.name, queue.size, settings.size_max);
  if (!settings.adaptive || !cost.of(1)) return limit;
  struct Rated {
    std::size_t count;
    double throughput;
  };
  std::vector<Rated> rated;
  rated.reserve(candidates_max);
  double best = 0;
  // Powers of two and the limit are enough counts to find the best one, and few enough to measure all of them.
  for (std::size_t count = 1;; count = std::min(count * 2, limit)) {
    const Microseconds time = *cost.of(count);
    if (!rated.empty() && !in_time(queue, device, settings, time)) break;
    if (count <= queue.count && cost.outdated(count)) return count;
    rated.push_back({count, throughput(count, time)});
    best = std::max(best, rated.back().throughput);
    if (count == limit) break;
  }
  const auto good = [best](const Rated& each) { return each.throughput >= equally_good * best; };
  return std::find_if(rated.begin(), rated.end(), good)->count;
}

struct Candidate {
  const QueueView* queue;
  std::size_t best;
};

// The most urgent head decides, strictly between priorities. Within its priority, a size that had its share yields to
// the size that was served least.
const Candidate& choose(const std::vector<Candidate>& ready, const DeviceView& device) {
  const auto by_head = [](const Candidate& a, const Candidate& b) { return a.queue->head < b.queue->head; };
  const Candidate& urgent = *std::min_element(ready.begin(), ready.end(), by_head);
  const Candidate* least_served = &urgent;
  for (const Candidate& each : ready)
    if (each.queue->head.rank == urgent.queue->head.rank && each.queue->used < least_served->queue->used)
      least_served = &each;
  const std::size_t count = std::min(urgent.best, urgent.queue->count);
  return had_its_share(*urgent.queue, *least_served->queue, count, device) ? *least_served : urgent;
}

}  // namespace

std::size_t best_count(const QueueView& queue, const DeviceView& device, const BatchSettings& settings) {
  return best_count(queue, Cost(queue, device), device, settings);
}

Decision choose_batch(const std::vector<QueueView>& queues, const DeviceView& device, const BatchSettings& settings,
                      TimePoint now) {
  std::vector<Candidate> ready;
  std::optional<TimePoint> look_again;
  for (const QueueView& queue : queues) {
    const Cost cost(queue, device);
    const std::size_t best = best_count(queue, cost, device, settings);
    const TimePoint until = queue.count >= best ? now : due(queue, cost, settings);
    if (now >= until || !waiting_can_pay(queue, cost, settings))
      ready.push_back({&queue, best});
    else
      look_again = std::min(look_again.value_or(until), until);
  }
  if (ready.empty()) return {std::nullopt, 0, false, look_again};

  const Candidate& chosen = choose(ready, device);
  std::size_t count = std::min(chosen.best, chosen.queue->count);
  if (settings.adaptive && device.devices_idle > 1)
    count = std::min(count, (chosen.queue->count + device.devices_idle - 1) / device.devices_idle);
  return {chosen.queue->size, count, count >= chosen.best, std::nullopt};
}

}  // namespace inpaintd
