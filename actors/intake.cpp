// SPDX-License-Identifier: Apache-2.0
#include "actors/intake.h"

#include <utility>

namespace inpaintd {

Intake::Intake(std::size_t ingresses_max) { idle_.reserve(ingresses_max); }

// The ingress is told first: if there is no memory for the message, nothing is queued, and the envelope's place answers
// the request. The ingress cannot look before the envelope is queued, because looking needs the lock.
void Intake::put(Envelope envelope) {
  const std::lock_guard lock(mutex_);
  bool told = false;
  while (!told && !idle_.empty()) {
    if (const auto ingress = caf::actor_cast<caf::actor>(idle_.back())) {
      caf::anon_send(ingress, work_atom_v);
      told = true;
    }
    idle_.pop_back();
  }
  waiting_[static_cast<std::size_t>(envelope.ticket.priority)].push_back(std::move(envelope));
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
