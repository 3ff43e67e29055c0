// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <caf/all.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bus/connection.h"
#include "core/job.h"
#include "scheduling/measurement.h"
#include "scheduling/next_batch.h"

/// Every message that actors exchange. All messages stay in the process; pictures travel as shared pointers, so that no
/// message copies a picture.
namespace inpaintd {

/// A request before it is decoded, with its place in the service. The ticket holds what the subject and the headers
/// say, until an ingress adds what the message says.
struct Envelope {
  Ticket ticket;
  Message message;
  Reservation reservation;
};

/// The outcome of a request that needs no job: an error, or the answer of an identical request.
inline Outcome ended(Envelope&& envelope, Outcome::Ending ending) {
  return {std::move(envelope.ticket), std::move(ending), {}, std::move(envelope.reservation)};
}

/// How a device enters the service of the batcher.
struct Enlistment {
  std::string name;                 ///< "cpu", "cuda:0"
  std::shared_ptr<NextBatch> next;  ///< from which the device takes its batches
  caf::actor supervisor;            ///< to be told when the device hangs
  std::vector<Measurement> known;   ///< from the warm-up of the device
};

/// Sends a message to the actor with this address; does nothing when the actor has ended.
template <class Message>
void send_to(const caf::actor_addr& address, Message message) {
  if (const auto actor = caf::actor_cast<caf::actor>(address)) caf::anon_send(actor, std::move(message));
}

/// The description of a device that loaded its model.
struct DeviceFacts {
  std::string device;  ///< "cpu", "cuda:0"
  std::string model;
  std::string description;
  std::string precision;  ///< "fp32", "fp16" or "bf16"
  std::string way;        ///< how the network is computed there: Inpainter::way()
};

}  // namespace inpaintd

// clang-format off
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inpaintd::Envelope)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inpaintd::JobPtr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inpaintd::Outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inpaintd::Progress)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inpaintd::DeviceFacts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inpaintd::Enlistment)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inpaintd::Measurement)

CAF_BEGIN_TYPE_ID_BLOCK(inpaintd, caf::first_custom_type_id)
  CAF_ADD_ATOM(inpaintd, inpaintd, work_atom, "work")        // batcher -> device, intake -> ingress: look for work
  CAF_ADD_ATOM(inpaintd, inpaintd, look_again_atom, "lookagain")  // device -> itself: after a batch
  CAF_ADD_ATOM(inpaintd, inpaintd, started_atom, "started")  // device -> batcher: the device took its next batch
  CAF_ADD_ATOM(inpaintd, inpaintd, idle_atom, "idle")        // device -> batcher: the device found no next batch
  CAF_ADD_ATOM(inpaintd, inpaintd, hung_atom, "hung")        // batcher -> supervisor: the device does not come back
  CAF_ADD_ATOM(inpaintd, inpaintd, back_atom, "back")        // batcher -> supervisor: the device came back
  CAF_ADD_ATOM(inpaintd, inpaintd, lost_atom, "lost")        // device -> supervisor, batcher: the device is lost
  CAF_ADD_ATOM(inpaintd, inpaintd, flush_atom, "flush")      // batcher -> itself: the time of an alarm has come
  CAF_ADD_ATOM(inpaintd, inpaintd, cancel_atom, "cancel")    // gate -> batcher: give up the request with this id
  CAF_ADD_ATOM(inpaintd, inpaintd, drain_atom, "drain")      // service -> batcher: partial batches leave at once
  CAF_ADD_ATOM(inpaintd, inpaintd, abandon_atom, "abandon")  // service -> batcher: the remaining requests end
  CAF_ADD_ATOM(inpaintd, inpaintd, start_atom, "start")      // supervisor -> itself: start the device in this slot
CAF_END_TYPE_ID_BLOCK(inpaintd)
// clang-format on
