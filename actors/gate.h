// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "actors/admission.h"
#include "actors/messages.h"
#include "actors/metrics.h"
#include "actors/replier.h"

namespace inpaintd {

/// Where requests come in, on the threads of the NATS library: takes a place for each and passes it to an ingress.
///
/// A request without a place is refused here and now, so that nothing queues up behind a full service. Thread safe.
class Gate {
 public:
  Gate(std::shared_ptr<Admission> admission, std::vector<caf::actor> ingresses, caf::actor batcher, Publish publish,
       std::shared_ptr<Metrics> metrics);

  void request(Priority priority, Message message);
  void cancel(const Message& message);

 private:
  void refuse(const Message& message, const Error& error);

  const std::shared_ptr<Admission> admission_;
  const std::vector<caf::actor> ingresses_;
  const caf::actor batcher_;
  const Publish publish_;
  const std::shared_ptr<Metrics> metrics_;
  std::atomic<std::size_t> next_{0};
};

}  // namespace inpaintd
