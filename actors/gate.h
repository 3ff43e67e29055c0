// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "actors/intake.h"
#include "actors/messages.h"
#include "actors/outbox.h"
#include "actors/replier.h"
#include "actors/reuse.h"
#include "monitoring/metrics.h"
#include "scheduling/admission.h"
#include "scheduling/cancellations.h"

namespace inpaintd {

/// Receives requests on the threads of the NATS library: takes a place for each request and queues the request for the
/// ingress actors.
///
/// A request that gets no place is refused at once, so that no queue forms in front of a full service. Thread safe.
class Gate {
 public:
  struct Parts {
    std::shared_ptr<Admission> admission;
    std::shared_ptr<Intake> intake;
    std::shared_ptr<Cancellations> cancellations;
    std::shared_ptr<Reuse> reuse;
    std::shared_ptr<const Outbox> outbox;
    std::shared_ptr<Metrics> metrics;
    Repliers repliers;
    caf::actor batcher;
  };
  explicit Gate(Parts parts) : parts_(std::move(parts)) {}

  /// Takes in the request in `message`, or answers it with an error. A request without an inbox is dropped. `promised`
  /// has what holds whatever the message says: progress messages, and a place for the picture.
  void request(Priority priority, Message message, Ticket promised = {});

  /// Cancels the request that `message` names, unless a device has started it. The batcher is told, requests that
  /// follow an identical one are ended here, and the id is remembered for a request that has not been decoded yet.
  void cancel(const Message& message);

 private:
  /// Lets `place` answer the request if it is given back without an answer.
  void answer_when_lost(Place& place, const Ticket& ticket) const;
  [[nodiscard]] TimePoint now() const;

  const Parts parts_;
};

}  // namespace inpaintd
