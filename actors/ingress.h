// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "actors/messages.h"
#include "actors/replier.h"
#include "actors/reuse.h"
#include "image/pipeline.h"

namespace inpaintd {

struct IngressSettings {
  ImageLimits image;
  TilingLimits tiling;
  std::chrono::milliseconds timeout_default{60'000};
};

/// Turns envelopes into jobs: parse, decode, cut. What cannot become a job is answered at once; what is known or being
/// computed already does not become one. Decoding is CPU work: spawn it detached.
class Ingress : public caf::event_based_actor {
 public:
  Ingress(caf::actor_config& config, IngressSettings settings, caf::actor batcher, Repliers repliers,
          std::shared_ptr<Reuse> reuse);

  const char* name() const override { return "ingress"; }

 protected:
  caf::behavior make_behavior() override;

 private:
  void receive(Envelope& envelope);
  bool spared(Ticket& ticket, const Request& request, Envelope& envelope);
  void accept(Ticket ticket, const Request& request, const Reservation& reservation);
  void cancel(const std::string& id);
  void refuse(Ticket ticket, Error error, Reservation reservation);

  const IngressSettings settings_;
  const caf::actor batcher_;
  const Repliers repliers_;
  const std::shared_ptr<Reuse> reuse_;
};

}  // namespace inpaintd
