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
#include "actors/stored_pictures.h"
#include "image/pipeline.h"
#include "scheduling/cancellations.h"

namespace inpaintd {

/// The settings of the ingress actors.
struct IngressSettings {
  ImageLimits image;
  TilingLimits tiling;
  std::size_t object_bytes_max = ObjectLimits{}.bytes_max;  ///< of one file in the object store
  std::chrono::milliseconds timeout_default = request_timeout_default;
};

/// Turns envelopes into jobs: takes one envelope after the other from the intake, parses the message, decodes the
/// picture and cuts it into tiles. A request that cannot become a job is answered at once, and so is one whose answer
/// is known; a request that is being computed already waits for that answer. Decoding is CPU work: spawn the actor
/// detached, several of them for one intake.
class Ingress : public caf::event_based_actor {
 public:
  struct Parts {
    std::shared_ptr<Intake> intake;
    std::shared_ptr<const Cancellations> cancellations;
    std::shared_ptr<Reuse> reuse;
    Repliers repliers;
    caf::actor batcher;
    StoredPictures store = {};
    std::function<std::int64_t()> payload_max = {};  ///< bytes of a message; 0, or no function: not known
  };
  Ingress(caf::actor_config& config, IngressSettings settings, Parts parts);

  const char* name() const override { return "ingress"; }

 protected:
  caf::behavior make_behavior() override;

 private:
  void work();
  void receive(Envelope& envelope);
  [[nodiscard]] std::optional<Error> complete(Envelope& envelope, const Request& request) const;
  [[nodiscard]] Status fetch(Envelope& envelope, Request& request) const;
  [[nodiscard]] bool must_run(Envelope& envelope, const Request& request);
  void accept(Envelope& envelope, const Request& request);
  [[nodiscard]] std::optional<Error> check_answer(const Input& input, const Ticket& ticket) const;

  const IngressSettings settings_;
  const Parts parts_;
};

}  // namespace inpaintd
