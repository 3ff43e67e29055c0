// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "bus/connection.h"
#include "core/job.h"
#include "core/request.h"
#include "core/result.h"

/// The wire format of docs/protocol.md; nothing else in the project knows msgpack.
namespace inpaintd::wire {

/// Reads a request. The byte spans of the result point into `message`. Errors: bad_request, naming key and cause.
Result<Request> decode_request(Bytes message);
std::string encode_request(const Request& request);

/// The id of a request that `decode_request` refused, if it can be made out; else empty.
std::string salvage_id(Bytes message);

Result<std::string> decode_cancel(Bytes message);
std::string encode_cancel(std::string_view id);

/// Final message: the picture.
struct Done {
  std::string id;
  Bytes image;
  Format format = Format::png;
  Size size;
  Rect region;
  Timings timings;
  std::size_t batch_size = 0;
  std::string device;
  std::string model;
  bool cached = false;
  std::string service;
};
/// Final message: no picture.
struct Failed {
  std::string id;
  Error error;
};
/// Progress: accepted, `position` requests are ahead.
struct Queued {
  std::string id;
  std::size_t position = 0;
  std::chrono::milliseconds eta{};
};
/// Progress: a device works on it.
struct Running {
  std::string id;
  std::size_t batch_size = 0;
  std::string device;
};
using Reply = std::variant<Done, Failed, Queued, Running>;

std::string encode_reply(const Reply& reply);
/// Reads a reply; `Done::image` points into `message`. Unknown keys are ignored: newer services may say more.
/// Errors: internal, when it is not a reply of this protocol.
Result<Reply> decode_reply(Bytes message);

/// The NATS headers by which tools that know nothing of this format see that a reply is an error (ADR-32).
Headers error_headers(const Error& error);

/// The W3C trace context that came with a request; empty when there is none, or one that is malformed.
std::string traceparent(const Message& message);
/// `headers`, and the trace context where there is one.
Headers with_trace(Headers headers, const std::string& traceparent);

}  // namespace inpaintd::wire
