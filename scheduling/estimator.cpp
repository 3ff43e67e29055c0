// SPDX-License-Identifier: Apache-2.0
#include "scheduling/estimator.h"

#include <cmath>
#include <map>
#include <vector>

#include "scheduling/area_class.h"

namespace inpaintd {

Microseconds Estimator::batch_time(const Lane& lane, Size size, std::size_t count) const {
  return latencies_.estimate(lane.device, size, count).value_or(Microseconds{});
}

std::optional<Microseconds> Estimator::wait_of_new_request(TimePoint now) const {
  Forecast ahead = behind_given(now);
  queues_.for_each_line([&](Size size, Priority, const TaskLine& line) { ahead.add_ahead(size, line.size()); });
  return ahead.until_free();
}

std::optional<Microseconds> Estimator::time_to_completion(const JobPtr& job, TimePoint now) const {
  const Size size = job->input().tiles.front().network_size();
  Forecast ahead = behind_given(now);
  if (!ahead.at_least(size)) return std::nullopt;
  const Urgency own = urgency({job});
  const Priority priority = job->ticket().priority;
  queues_.for_each_line([&](Size other, Priority others, const TaskLine& line) {
    if (others <= priority) ahead.add_ahead(other, others < priority ? line.size() : line.count_until(own));
  });
  return ahead.until_done(size, job->input().tiles.size());
}

std::function<Microseconds(Size)> Estimator::least_times(TimePoint now) const {
  return [forecast = behind_running(now), us_per_pixel = std::map<int, double>()](Size size) mutable {
    const auto [known, fresh] = us_per_pixel.try_emplace(area_class(size), 0);
    if (fresh)
      known->second = static_cast<double>(forecast.at_least(size).value_or(Microseconds{}).count()) / area(size);
    return Microseconds(std::llround(known->second * area(size)));
  };
}

Forecast Estimator::behind_running(TimePoint now) const { return {latencies_, lanes_.workers(now), batch_size_max_}; }

Forecast Estimator::behind_given(TimePoint now) const {
  Forecast ahead = behind_running(now);
  lanes_.for_each_next(
      [&](const std::vector<Task>& batch) { ahead.add_ahead(batch.front().input().network_size(), batch.size()); });
  return ahead;
}

}  // namespace inpaintd
