// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "actors/messages.h"

namespace inpaintd {

/// The requests that wait to be decoded: one queue for all ingress actors, so that a large picture delays only the
/// ingress that decodes it. High priority leaves first, then normal, then low; within a priority, requests leave in the
/// order of arrival. Bounded by Admission, since every envelope holds a place. Thread safe.
class Intake {
 public:
  /// `ingresses_max` is the largest number of ingress actors that may be idle at a time.
  explicit Intake(std::size_t ingresses_max);

  /// Queues an envelope and sends `work` to an idle ingress, if there is one.
  void put(Envelope envelope);

  /// Takes out the next envelope. Returns nothing when none waits: then `ingress` counts as idle, and `put` sends
  /// `work` to it.
  [[nodiscard]] std::optional<Envelope> take(const caf::actor_addr& ingress);

  [[nodiscard]] std::size_t size() const;

 private:
  mutable std::mutex mutex_;
  std::array<std::deque<Envelope>, 3> waiting_;  // by priority
  std::vector<caf::actor_addr> idle_;            // no strong handles: ingresses hold this object
};

}  // namespace inpaintd
