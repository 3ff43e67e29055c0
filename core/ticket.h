// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/error.h"
#include "core/request.h"
#include "core/time.h"

namespace inpaintd {

/// A request's place in the service (scheduling/admission.h). It is given back when its last holder releases it.
class Place;
using Reservation = std::shared_ptr<Place>;

/// What identifies a request, and what the service has promised for it.
struct Ticket {
  std::string id;
  std::string reply;  ///< the client's inbox
  Priority priority = Priority::normal;
  TimePoint received{};
  TimePoint deadline{};
  bool progress = false;             ///< the client asked for progress messages
  std::optional<ObjectName> result;  ///< where the picture goes, if not into the final message
  std::string traceparent;           ///< W3C trace context as received, or empty
  std::uint64_t run = 0;             ///< the computation that this request started for identical requests; 0: none
  /// True once the final message is sent, after which no progress may follow. Shared by all copies of the ticket; null
  /// unless `progress`.
  std::shared_ptr<std::atomic<bool>> answered;
};

/// The error of a request that an exception ended. The message names the request, because a client can report no more.
inline Error internal_error(const Ticket& ticket) { return {ErrorCode::internal, "request " + ticket.id}; }

/// The error of a request that its client has cancelled.
inline Error cancelled_by_client() { return {ErrorCode::cancelled, "cancelled by the client"}; }

}  // namespace inpaintd
