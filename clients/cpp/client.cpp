// SPDX-License-Identifier: Apache-2.0
#include "clients/cpp/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <random>
#include <utility>
#include <variant>

#include "bus/call.h"
#include "bus/subjects.h"
#include "clients/cpp/payload.h"
#include "clients/cpp/retry.h"
#include "core/time.h"

namespace inpaintd {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;
using Kind = ClientError::Kind;

constexpr milliseconds poll = 50ms;  // the time until the stop token takes effect

/// A random number in 0..1, with a generator of its own in each thread, for the jitter of back-offs.
double random_part() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(random);
}

ClientError failure(Kind kind, std::string message) { return {kind, {ErrorCode::internal, std::move(message)}}; }

milliseconds until(TimePoint deadline) {
  return std::max(1ms, std::chrono::duration_cast<milliseconds>(deadline - Clock::now()));
}

/// Returns false as soon as `stop` is requested.
bool sleep(milliseconds duration, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, duration, [] { return false; });
  return !stop.stop_requested();
}

using Attempt = Result<FilledPicture, ClientError>;

/// The end of the request `id`; nothing for a message of progress, and for one that does not concern the request.
std::optional<Attempt> read(const Message& message, const std::string& id, const Sending& sending) {
  if (!wire::concerns(message.data(), id)) return std::nullopt;
  auto reply = wire::decode_reply(message.data());
  if (!reply)
    return failure(Kind::unreadable,
                   fmt::format("the answer of the service cannot be decoded: {}; use a client of the same version as "
                               "the service",
                               reply.error().message));
  if (auto* failed = std::get_if<wire::Failed>(&*reply)) return ClientError{Kind::service, std::move(failed->error)};
  if (auto* done = std::get_if<wire::Done>(&*reply)) return FilledPicture{std::move(*done), message};
  if (sending.progress) sending.progress(*reply);
  return std::nullopt;
}

}  // namespace

std::string_view ClientError::code() const {
  switch (kind) {
    case Kind::service:
      return info(error.code).name;
    case Kind::no_service:
      return "no_service";
    case Kind::connection:
      return "connection";
    case Kind::no_answer:
      return "no_answer";
    case Kind::unreadable:
      return "unreadable";
    case Kind::stopped:
      return "stopped";
  }
  return "";
}

Client::Client(std::unique_ptr<Connection> connection, std::string prefix)
    : connection_(std::move(connection)), prefix_(std::move(prefix)) {}

Result<std::unique_ptr<Client>> Client::connect(const ClientOptions& options) {
  auto connection = Connection::open(options.connection);
  if (!connection) return std::move(connection.error());
  return std::unique_ptr<Client>(new Client(std::move(*connection), options.prefix));
}

Result<FilledPicture, ClientError> Client::inpaint(Request request, const Sending& sending) {
  const TimePoint deadline = Clock::now() + request.timeout.value_or(request_timeout_default);
  const bool own_id = request.id.empty();
  request.progress = static_cast<bool>(sending.progress);
  for (int attempt = 0;; ++attempt) {
    if (own_id) request.id = "client-" + unique_id();
    request.timeout = until(deadline);
    Attempt ending = try_once(request, sending, *request.timeout + answer_grace);
    if (ending || !ending.error().retryable() || attempt >= sending.retries) return ending;
    const milliseconds wait = back_off(ending.error().error.retry_after, attempt, random_part());
    if (Clock::now() + wait >= deadline) return ending;
    if (sending.retrying) sending.retrying(ending.error(), wait);
    if (!sleep(wait, sending.stop)) return stopped(request.id);
  }
}

Result<FilledPicture, ClientError> Client::try_once(const Request& request, const Sending& sending, milliseconds wait) {
  const std::string payload = wire::encode_request(request);
  if (Status fits = check_payload(*connection_, payload.size()); !fits)
    return ClientError{Kind::service, std::move(fits.error())};
  const std::string subject = run_subject(prefix_, sending.priority);
  const TimePoint end = Clock::now() + wait;
  auto call = Call::start(*connection_, subject, as_bytes(payload));
  if (!call) return failure(Kind::connection, call.error().message);
  while (Clock::now() < end) {
    if (sending.stop.stop_requested()) return stopped(request.id);
    const auto message = call->next(poll);
    if (!message) return failure(Kind::connection, message.error().message);
    if (!*message) continue;
    if ((*message)->no_responders())
      return failure(Kind::no_service, fmt::format("no inpainting service listens on {} at {}; start inpaintd", subject,
                                                   connection_->connected_url()));
    if (auto ending = read(**message, request.id, sending)) return std::move(*ending);
  }
  return failure(Kind::no_answer,
                 "no answer arrived before the deadline; check that the service and the network are up, or raise the "
                 "timeout");
}

Result<FilledPicture, ClientError> Client::stopped(const std::string& id) {
  (void)cancel(id);  // the call ends even when the message cannot be sent
  return failure(Kind::stopped, "interrupted; the request is cancelled");
}

Status Client::cancel(std::string_view id) {
  const std::string message = wire::encode_cancel(id);
  if (Status sent = connection_->publish(cancel_subject(prefix_), as_bytes(message)); !sent) return sent;
  return connection_->flush(1s);
}

Status Client::check_size(std::size_t bytes) const { return check_payload(*connection_, bytes); }

}  // namespace inpaintd
