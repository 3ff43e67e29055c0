// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bus/connection.h"
#include "core/exact.h"
#include "core/note.h"
#include "core/outcome.h"
#include "core/request.h"
#include "core/result.h"

/// The wire format of docs/protocol.md. Only bus/wire/ knows msgpack.
namespace inpaintd::wire {

/// Reads a request. The byte spans of the result point into `message`. Errors: bad_request, naming the key and the
/// cause.
Result<Request> decode_request(Bytes message);
/// Writes a request. Keys that have their default value are left out.
std::string encode_request(const Request& request);

/// The id of a request or reply, which may be broken; empty when the message is not a map, or has no valid id before
/// the place where it breaks.
std::string salvage_id(Bytes message);

/// Reads the id of the request to cancel. Errors: bad_request.
Result<std::string> decode_cancel(Bytes message);
/// Writes the cancellation of the request `id`.
std::string encode_cancel(std::string_view id);

/// Final message of a request that succeeded. The members are the keys of `done` in docs/protocol.md.
struct Done {
  std::string id;
  Bytes image;                       ///< empty with `result`
  std::optional<ObjectName> result;  ///< where the picture is stored
  Format format = Format::png;
  Size size;
  Rect region;
  Timings timings;
  std::size_t batch_size = 0;
  std::string device;
  std::string model;
  bool cached = false;
  std::string service;
  std::optional<Exact> exact;  ///< absent in the replies of older services
  std::vector<Note> notes;
};
/// Final message of a request that failed.
struct Failed {
  std::string id;
  Error error;
};
/// Progress message: the request is accepted, and `position` requests are ahead of it.
struct Queued {
  std::string id;
  std::size_t position = 0;
  std::chrono::milliseconds eta{};
};
/// Progress message: a device has started the request.
struct Running {
  std::string id;
  std::size_t batch_size = 0;
  std::string device;
};
using Reply = std::variant<Done, Failed, Queued, Running>;

/// Writes a reply.
std::string encode_reply(const Reply& reply);
/// Reads a reply. `Done::image` points into `message`. Unknown keys are ignored, because newer services may send more.
/// Errors: internal, when `message` is not a reply of this protocol.
Result<Reply> decode_reply(Bytes message);

/// The state of a durable job: the value of its key in the bucket `inpaint_jobs`. `reply` has what the service last
/// told about the job; a picture is in the object store (`Done::result`).
struct JobState {
  Reply reply;
  int deliveries = 0;  ///< how often the stream has given the job to a worker
  int returned = 0;    ///< how often a worker gave it back unfinished by its own will, such as when it stopped
  bool dead = false;   ///< the job ended workers or devices again and again, and is kept in the stream INPAINT_DEAD

  [[nodiscard]] bool is_final() const;
  [[nodiscard]] std::string_view status() const;  ///< "queued", "running", "done" or "error"
};

std::string encode_job_state(const JobState& state);
/// Reads the state of the job `id`. A client that makes a job need not write more than `{status: "queued"}`. Errors:
/// internal, when `value` is not the state of a job.
Result<JobState> decode_job_state(const std::string& id, Bytes value);

/// Whether `message` is about the request `id`: a map with this id, or the refusal of a message whose id could not be
/// read. Others may answer a request as well, such as a JetStream stream that keeps what is published to its subject; a
/// client skips what they send.
bool concerns(Bytes message, std::string_view id);

/// The NATS headers that mark a reply as an error for tools that do not know this format (ADR-32).
Headers error_headers(const Error& error);

/// The W3C trace context of a request's headers; empty when it is absent or malformed.
std::string traceparent(const Message& message);
/// `headers`, and `traceparent` unless it is empty.
Headers with_trace(Headers headers, const std::string& traceparent);

}  // namespace inpaintd::wire
