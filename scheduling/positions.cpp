// SPDX-License-Identifier: Apache-2.0
#include "scheduling/positions.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace inpaintd {
namespace {

constexpr std::chrono::milliseconds interval{250};  // four messages a second, as the protocol says
constexpr std::chrono::milliseconds look_interval{10};

}  // namespace

void Positions::follow(const JobPtr& job) {
  if (job->ticket().progress) told_.emplace(job, Told{});
}

std::optional<Progress> Positions::started(const JobPtr& job, std::size_t batch_size, const std::string& device) {
  if (told_.erase(job) == 0) return std::nullopt;
  return Progress{job->ticket(), true, 0, {}, batch_size, device};
}

bool Positions::due(TimePoint now) {
  if (told_.empty()) return false;
  if (now - looked_ >= look_interval) return true;
  look_again_ = looked_ + look_interval;
  return false;
}

std::optional<TimePoint> Positions::look_again() const { return told_.empty() ? std::nullopt : look_again_; }

std::vector<Progress> Positions::update(std::vector<Waiting> waiting, TimePoint now, Forecast ahead) {
  look_again_.reset();
  looked_ = now;
  std::erase_if(told_, [](const auto& entry) { return entry.first.expired(); });
  std::sort(waiting.begin(), waiting.end(), [](const Waiting& a, const Waiting& b) {
    return std::pair(a.urgency, a.number) < std::pair(b.urgency, b.number);
  });
  std::vector<Progress> news;
  std::unordered_set<JobPtr> seen;
  for (const auto& [urgency, number, job] : waiting) {
    const auto& tiles = job->input().tiles;
    const std::size_t position = seen.size();
    if (seen.insert(job).second && tell(job, position, now)) {
      const auto done_in = ahead.until_done(tiles.front().network_size(), tiles.size()).value_or(Microseconds{});
      news.push_back({job->ticket(), false, position, std::chrono::ceil<std::chrono::milliseconds>(done_in), 0, {}});
    }
    ahead.add_ahead(tiles.front().network_size(), 1);
  }
  return news;
}

bool Positions::tell(const JobPtr& job, std::size_t position, TimePoint now) {
  const auto told = told_.find(job);
  if (told == told_.end()) return false;
  auto& [last, when] = told->second;
  const bool fresh = when == TimePoint{};
  const bool moved = position * 4 <= last * 3 && position < last;
  if (!fresh && !moved) return false;
  if (!fresh && now - when < interval) {
    look_again_ = std::min(look_again_.value_or(when + interval), when + interval);
    return false;
  }
  last = position;
  when = now;
  return true;
}

}  // namespace inpaintd
