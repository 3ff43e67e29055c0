// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <caf/all.hpp>
#include <memory>
#include <string>
#include <vector>

#include "bus/connection.h"
#include "core/job.h"
#include "scheduling/measurement.h"
#include "scheduling/next_batch.h"

/// Every message that actors exchange. All stay within the process: payloads travel as shared pointers, uncopied.
namespace inpaintd {

/// A request as it arrived, with its place in the service.
struct Envelope {
  Message message;
  Priority priority = Priority::normal;
  TimePoint received{};
  Reservation reservation;
};

/// How a device comes to work for the batcher.
struct Enlistment {
  std::string name;                 ///< "cpu", "cuda:0"
  std::shared_ptr<NextBatch> next;  ///< where it takes its batches from
  caf::actor supervisor;            ///< to be told when it hangs
  std::vector<Measurement> known;   ///< from its warm-up
};

/// Sends to an actor that is named by its address alone; nothing happens when it is gone.
template <class Message>
void send_to(const caf::actor_addr& address, Message message) {
  if (const auto actor = caf::actor_cast<caf::actor>(address)) caf::anon_send(actor, std::move(message));
}

/// What a device says of itself.
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
  CAF_ADD_ATOM(inpaintd, inpaintd, work_atom, "work")        // batcher -> device, intake -> ingress: look for something to do
  CAF_ADD_ATOM(inpaintd, inpaintd, look_again_atom, "lookagain")  // device -> itself: after a batch
  CAF_ADD_ATOM(inpaintd, inpaintd, started_atom, "started")  // device -> batcher: took its next batch
  CAF_ADD_ATOM(inpaintd, inpaintd, idle_atom, "idle")        // device -> batcher: found none
  CAF_ADD_ATOM(inpaintd, inpaintd, hung_atom, "hung")        // batcher -> supervisor: this device does not come back
  CAF_ADD_ATOM(inpaintd, inpaintd, back_atom, "back")        // batcher -> supervisor: it came back after all
  CAF_ADD_ATOM(inpaintd, inpaintd, lost_atom, "lost")        // device -> supervisor, batcher: only a new process will help
  CAF_ADD_ATOM(inpaintd, inpaintd, flush_atom, "flush")      // batcher -> itself: the time it waited for has come
  CAF_ADD_ATOM(inpaintd, inpaintd, cancel_atom, "cancel")    // gate -> batcher: give up the request with this id
  CAF_ADD_ATOM(inpaintd, inpaintd, drain_atom, "drain")      // supervisor -> batcher: partial batches leave at once
  CAF_ADD_ATOM(inpaintd, inpaintd, abandon_atom, "abandon")  // supervisor -> batcher: answer what is left, unfinished
  CAF_ADD_ATOM(inpaintd, inpaintd, start_atom, "start")      // supervisor -> itself: start the device in this slot
CAF_END_TYPE_ID_BLOCK(inpaintd)
// clang-format on
