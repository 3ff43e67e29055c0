// SPDX-License-Identifier: Apache-2.0
#include "actors/intake.h"

#include <utility>

namespace inpaintd {

void Intake::put(Envelope envelope) {
  caf::actor woken;
  {
    const std::lock_guard lock(mutex_);
    waiting_[static_cast<std::size_t>(envelope.priority)].push_back(std::move(envelope));
    while (!woken && !idle_.empty()) {
      woken = caf::actor_cast<caf::actor>(idle_.back());
      idle_.pop_back();
    }
  }
  if (woken) caf::anon_send(woken, work_atom_v);
}

std::optional<Envelope> Intake::take(const caf::actor_addr& ingress) {
  const std::lock_guard lock(mutex_);
  for (auto& queue : waiting_) {
    if (queue.empty()) continue;
    Envelope first = std::move(queue.front());
    queue.pop_front();
    return first;
  }
  idle_.push_back(ingress);
  return std::nullopt;
}

std::size_t Intake::size() const {
  const std::lock_guard lock(mutex_);
  std::size_t sum = 0;
  for (const auto& queue : waiting_) sum += queue.size();
  return sum;
}

}  // namespace inpaintd
