// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/intake.h"
#include "actors/messages.h"
#include "actors/outbox.h"
#include "actors/reuse.h"
#include "actors/stored_pictures.h"
#include "monitoring/metrics.h"

namespace inpaintd {

/// Turns outcomes into replies: pastes, encodes and publishes; also publishes progress. Holds nothing between messages,
/// so a slow encoder delays answers but never a device.
///
/// A request that follows the run of an identical one gets the same picture, or the same error. After an error that
/// concerns the running request alone (cancelled, deadline_exceeded, overloaded) its followers start anew.
class Replier : public caf::event_based_actor {
 public:
  struct Parts {
    std::string service;  ///< the instance id that every reply carries
    std::shared_ptr<const Outbox> outbox;
    std::shared_ptr<Metrics> metrics;
    std::shared_ptr<Reuse> reuse;
    std::shared_ptr<Intake> intake;  ///< to which followers that start anew return
    StoredPictures store = {};
  };
  Replier(caf::actor_config& config, Parts parts);

  const char* name() const override { return "replier"; }

 protected:
  caf::behavior make_behavior() override;

 private:
  using Answered = Result<std::shared_ptr<const Answer>>;

  void answer(const Outcome& outcome);
  Answered make_answer(const Outcome& outcome, Timings& timings) const;
  static void settle(const Outcome& outcome);
  void send_picture(const Outcome& outcome, const Answer& answer, Timings timings);
  void share(std::uint64_t run, const Answered& answered);
  void report(const Progress& progress);

  const Parts parts_;
};

/// The repliers of a service. All messages for one inbox go through the same replier, so that the final message is the
/// last one.
class Repliers {
 public:
  explicit Repliers(std::vector<caf::actor> actors) : actors_(std::move(actors)) {}

  void send(Outcome outcome) const { caf::anon_send(of(outcome.ticket), std::move(outcome)); }
  void send(Progress progress) const { caf::anon_send(of(progress.ticket), std::move(progress)); }
  /// Ends a request that needs no job: with an error, or with the answer of an identical request.
  void end(Envelope&& envelope, Outcome::Ending ending) const { send(ended(std::move(envelope), std::move(ending))); }

  [[nodiscard]] const caf::actor& of(const Ticket& ticket) const {
    return actors_[std::hash<std::string>{}(ticket.reply) % actors_.size()];
  }

 private:
  std::vector<caf::actor> actors_;
};

}  // namespace inpaintd
