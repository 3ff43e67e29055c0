// SPDX-License-Identifier: Apache-2.0
#include "actors/outbox.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "bus/wire/wire.h"
#include "monitoring/log.h"

namespace inpaintd {

Error answer_too_large(const std::string& why) {
  return {
      ErrorCode::too_large,
      "the answer does not fit into a message: " + why +
          "; ask for region \"patch\", for format \"jpeg\" or \"webp\" with a lower quality, or for a `result` in the "
          "object store"};
}

Status Outbox::send(const Ticket& ticket, const std::string& message, Headers headers) const {
  Status sent = publish_(ticket.reply, as_bytes(message), wire::with_trace(std::move(headers), ticket.traceparent));
  if (!sent && sent.error().code != ErrorCode::too_large) {
    ++metrics_->undeliverable;
    spdlog::warn("could not publish a message to a client: {}", sent.error().message);
  }
  return sent;
}

void Outbox::send_error(const Ticket& ticket, const Error& error, spdlog::level::level_enum level) const {
  metrics_->count_failure(error);
  const LogScope code{{"code", info(error.code).name}};
  spdlog::log(level, "{}", error.message);
  (void)send(ticket, wire::encode_reply(wire::Failed{ticket.id, error}), wire::error_headers(error));
}

}  // namespace inpaintd
