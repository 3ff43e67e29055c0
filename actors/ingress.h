// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "actors/intake.h"
#include "actors/messages.h"
#include "actors/replier.h"
#include "actors/reuse.h"
#include "image/pipeline.h"
#include "scheduling/cancellations.h"

namespace inpaintd {

struct IngressSettings {
  ImageLimits image;
  TilingLimits tiling;
  std::chrono::milliseconds timeout_default = request_timeout_default;
};

/// Turns envelopes into jobs: takes one from the intake after the other, parses, decodes, cuts. A request that cannot
/// become a job is answered at once; one whose answer is known or being computed does not become one. Decoding is CPU
/// work: spawn the actor detached, several of them on one intake.
class Ingress : public caf::event_based_actor {
 public:
  struct Parts {
    std::shared_ptr<Intake> intake;
    std::shared_ptr<const Cancellations> cancellations;
    std::shared_ptr<Reuse> reuse;
    Repliers repliers;
    caf::actor batcher;
    std::function<std::int64_t()> payload_max = {};  ///< bytes of a message; 0, or no function: not known
  };
  Ingress(caf::actor_config& config, IngressSettings settings, Parts parts);

  const char* name() const override { return "ingress"; }

 protected:
  caf::behavior make_behavior() override;

 private:
  void work();
  void receive(Envelope& envelope, Ticket& ticket);
  bool spared(Ticket& ticket, const Request& request, Envelope& envelope);
  void accept(const Ticket& ticket, const Request& request, const Reservation& reservation, std::size_t message_bytes);
  [[nodiscard]] std::optional<Error> check_answer(const Input& input) const;
  void refuse(Ticket ticket, Error error, Reservation reservation);

  const IngressSettings settings_;
  const Parts parts_;
};

}  // namespace inpaintd
