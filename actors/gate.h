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

/// Where requests come in, on the threads of the NATS library: takes a place for each request and queues it for the
/// ingress actors.
///
/// A request without a place is refused here and now, so that nothing queues up behind a full service. Thread safe.
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

  void request(Priority priority, Message message);

  /// Ends a request that no device has started, wherever it is: the batcher is told, requests that follow an identical
  /// one are taken out here, and the id is remembered for a request that is still to be read.
  void cancel(const Message& message);

 private:
  [[nodiscard]] TimePoint now() const;

  const Parts parts_;
};

}  // namespace inpaintd
