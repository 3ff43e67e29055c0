// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <caf/all.hpp>
#include <memory>
#include <string>
#include <vector>

#include "bus/connection.h"
#include "core/job.h"

/// Every message that actors exchange. All stay within the process: payloads travel as shared pointers, uncopied.
namespace inpaintd {

/// A request as it arrived, with its place in the service.
struct Envelope {
  Message message;
  Priority priority = Priority::normal;
  TimePoint received{};
  Reservation reservation;
};

/// 1..n tasks of one network size, for one device.
using Batch = std::shared_ptr<std::vector<Task>>;

/// A progress message to the client of `ticket`: queued behind `position` others, or running.
struct Progress {
  Ticket ticket;
  bool running = false;
  std::size_t position = 0;
  std::chrono::milliseconds eta{};
  std::size_t batch_size = 0;
  std::string device;
};

/// What a device says of itself.
struct DeviceFacts {
  std::string device;  ///< "cpu", "cuda:0"
  std::string model;
  std::string description;
};

/// Measured by a device: `count` tiles of `size` took `elapsed`.
struct Measurement {
  std::string device;
  Size size;
  std::size_t count = 0;
  Microseconds elapsed{};
};

}  // namespace inpaintd

// clang-format off
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inpaintd::Envelope)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inpaintd::JobPtr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inpaintd::Batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inpaintd::Outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inpaintd::Progress)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inpaintd::DeviceFacts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(inpaintd::Measurement)

CAF_BEGIN_TYPE_ID_BLOCK(inpaintd, caf::first_custom_type_id)
  CAF_ADD_ATOM(inpaintd, inpaintd, ready_atom, "ready")      // device -> batcher: give me one batch
  CAF_ADD_ATOM(inpaintd, inpaintd, flush_atom, "flush")      // batcher -> itself: the time it waited for has come
  CAF_ADD_ATOM(inpaintd, inpaintd, cancel_atom, "cancel")    // gate, ingress -> batcher; gate -> ingress: give up the request with this id
  CAF_ADD_ATOM(inpaintd, inpaintd, drain_atom, "drain")      // supervisor -> batcher: partial batches leave at once
  CAF_ADD_ATOM(inpaintd, inpaintd, abandon_atom, "abandon")  // supervisor -> batcher: answer what is left, unfinished
  CAF_ADD_ATOM(inpaintd, inpaintd, start_atom, "start")      // supervisor -> itself: start the device in this slot
CAF_END_TYPE_ID_BLOCK(inpaintd)
// clang-format on
