// SPDX-License-Identifier: Apache-2.0
#include "actors/gate.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "actors/log.h"
#include "bus/wire.h"

namespace inpaintd {

Gate::Gate(std::shared_ptr<Admission> admission, std::vector<caf::actor> ingresses, caf::actor batcher, Publish publish,
           std::shared_ptr<Metrics> metrics)
    : admission_(std::move(admission)),
      ingresses_(std::move(ingresses)),
      batcher_(std::move(batcher)),
      publish_(std::move(publish)),
      metrics_(std::move(metrics)) {}

void Gate::request(Priority priority, Message message) {
  ++metrics_->received;
  if (message.reply().empty()) {
    ++metrics_->without_reply;
    spdlog::warn("a request without reply subject was dropped: nobody would get its answer");
    return;
  }
  auto place = admission_->reserve(message.data().size(), priority);
  if (!place) return refuse(message, place.error());
  const std::size_t turn = next_.fetch_add(1, std::memory_order_relaxed) % ingresses_.size();
  caf::anon_send(ingresses_[turn], Envelope{std::move(message), priority, Clock::now(), std::move(*place)});
}

void Gate::cancel(const Message& message) {
  const auto id = wire::decode_cancel(message.data());
  if (!id) {
    spdlog::warn("a cancel message was ignored: {}", id.error().message);
    return;
  }
  caf::anon_send(batcher_, cancel_atom_v, *id);
  // It may also be on its way to the batcher, or wait for an identical one.
  for (const auto& ingress : ingresses_) caf::anon_send(ingress, cancel_atom_v, *id);
}

void Gate::refuse(const Message& message, const Error& error) {
  metrics_->count_failure(error);
  Ticket ticket;
  ticket.id = wire::salvage_id(message.data());
  ticket.reply = message.reply();
  ticket.traceparent = wire::traceparent(message);
  const LogScope scope(ticket);
  // Not a word above debug: there are most of them when there is least time.
  spdlog::debug("{}: {}", info(error.code).name, error.message);
  const std::string reply = wire::encode_reply(wire::Failed{ticket.id, error});
  const Headers headers = wire::with_trace(wire::error_headers(error), ticket.traceparent);
  if (!publish_(ticket.reply, as_bytes(reply), headers)) ++metrics_->undeliverable;
}

}  // namespace inpaintd
