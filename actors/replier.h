// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/messages.h"
#include "actors/metrics.h"
#include "actors/reuse.h"

namespace inpaintd {

/// Sends one message to a client's inbox.
using Publish = std::function<Status(const std::string& inbox, Bytes data, const Headers& headers)>;

/// Turns outcomes into replies: paste, encode, publish; and passes progress on. Holds nothing between messages, so a
/// slow encoder delays answers but never a device.
///
/// Whoever follows the run of an identical request gets the same picture, or the same error; but an error that concerns
/// that one request alone (it was cancelled, too late, or not admitted) lets its followers start anew.
class Replier : public caf::event_based_actor {
 public:
  /// `service` is the instance id that every reply carries.
  Replier(caf::actor_config& config, std::string service, Publish publish, std::shared_ptr<Metrics> metrics,
          std::shared_ptr<Reuse> reuse);

  const char* name() const override { return "replier"; }

 protected:
  caf::behavior make_behavior() override;

 private:
  using Answered = Result<std::shared_ptr<const Answer>>;

  void answer(const Outcome& outcome);
  Answered make_answer(const Outcome& outcome, Timings& timings) const;
  void send_picture(const Outcome& outcome, const Answer& answer, Timings timings);
  void send_error(const Ticket& ticket, const Error& error);
  void share(std::uint64_t run, const Answered& answered);
  void report(const Progress& progress);
  Status publish(const Ticket& ticket, const std::string& message, Headers headers = {});

  const std::string service_;
  const Publish publish_;
  const std::shared_ptr<Metrics> metrics_;
  const std::shared_ptr<Reuse> reuse_;
};

/// The repliers of a service. All messages for one inbox go through the same one, so that the final one is the last.
class Repliers {
 public:
  explicit Repliers(std::vector<caf::actor> actors) : actors_(std::move(actors)) {}

  void send(Outcome outcome) const { caf::anon_send(of(outcome.ticket), std::move(outcome)); }
  void send(Progress progress) const { caf::anon_send(of(progress.ticket), std::move(progress)); }

  [[nodiscard]] const caf::actor& of(const Ticket& ticket) const {
    return actors_[std::hash<std::string>{}(ticket.reply) % actors_.size()];
  }

 private:
  std::vector<caf::actor> actors_;
};

}  // namespace inpaintd
