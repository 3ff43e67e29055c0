// SPDX-License-Identifier: Apache-2.0
#include "actors/positions.h"

#include <algorithm>
#include <set>
#include <utility>

namespace inpaintd {
namespace {

constexpr std::chrono::milliseconds interval{250};  // the protocol's four a second

}  // namespace

void Positions::follow(const JobPtr& job) {
  if (job->ticket().progress) told_.emplace(job, Told{});
}

std::optional<Progress> Positions::started(const JobPtr& job, std::size_t batch_size, const std::string& device) {
  if (told_.erase(job) == 0) return std::nullopt;
  return Progress{job->ticket(), true, 0, {}, batch_size, device};
}

bool Positions::due(TimePoint now) const {
  return std::any_of(told_.begin(), told_.end(), [now](const auto& entry) {
    return entry.second.when == TimePoint{} || now - entry.second.when >= interval;
  });
}

std::vector<Progress> Positions::update(std::vector<Waiting> waiting, TimePoint now, const Eta& eta) {
  std::sort(waiting.begin(), waiting.end(), [](const Waiting& a, const Waiting& b) {
    return std::pair(a.urgency, a.number) < std::pair(b.urgency, b.number);
  });
  std::vector<Progress> news;
  std::set<JobPtr> seen;
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    const JobPtr& job = waiting[i].job;
    const std::size_t ahead = seen.size();
    if (!seen.insert(job).second) continue;
    const auto told = told_.find(job);
    if (told == told_.end()) continue;
    auto& [position, when] = told->second;
    const bool fresh = when == TimePoint{};
    const bool moved = ahead * 4 <= position * 3 && ahead < position && now - when >= interval;
    if (!fresh && !moved) continue;
    position = ahead;
    when = now;
    const auto done_in = eta(job, std::span(waiting).first(i)).value_or(Microseconds{});
    news.push_back({job->ticket(), false, ahead, std::chrono::ceil<std::chrono::milliseconds>(done_in), 0, {}});
  }
  return news;
}

}  // namespace inpaintd
