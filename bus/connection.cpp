// SPDX-License-Identifier: Apache-2.0
#include "bus/connection.h"

#include <fmt/format.h>

#include <atomic>
#include <limits>

#include "bus/call.h"
#include "bus/denials.h"
#include "bus/nats_private.h"

namespace inpaintd {
namespace {

// For each subscription, before admission. The library's default of 64 MiB would drop pictures in a burst.
constexpr int pending_bytes_max = 256 << 20;
constexpr std::string_view default_inbox_prefix = "_INBOX";

std::string url_of(natsConnection* connection) {
  char buffer[1024] = "";
  natsConnection_GetConnectedUrl(connection, buffer, sizeof buffer);
  return without_secrets(buffer);
}

/// The part of a connection that the library's callbacks use. The last callback, `on_closed`, frees it: callbacks run
/// on the library's own thread, even after natsConnection_Destroy has returned.
struct Listener {
  ConnectionEvents events;
  std::string url;
  Denials denials;
  std::atomic<bool> closing{false};  ///< the program closes the connection, not the server

  void report(const std::string& what) const {
    if (events.error) events.error(what);
  }
};
using ListenerPtr = std::shared_ptr<Listener>;

Listener& listener(void* closure) { return **static_cast<ListenerPtr*>(closure); }

/// The reason of the last failure of `connection`, for people; empty when there is none.
std::string reason_of(natsConnection* connection) {
  const char* text = nullptr;
  const natsStatus status = natsConnection_GetLastError(connection, &text);
  if (status == NATS_OK || status == NATS_NOT_PERMITTED) return {};  // a denial ends no connection
  const std::string cause = explain(status);
  return text == nullptr || *text == '\0' ? cause : fmt::format("{} ({})", cause, without_secrets(text));
}

void on_disconnected(natsConnection* connection, void* closure) {
  const Listener& own = listener(closure);
  if (!own.closing && own.events.disconnected) own.events.disconnected(reason_of(connection));
}

void on_connected(natsConnection* connection, void* closure) {
  if (listener(closure).events.reconnected) listener(closure).events.reconnected(url_of(connection));
}

void on_closed(natsConnection* connection, void* closure) {
  const std::unique_ptr<ListenerPtr> last(static_cast<ListenerPtr*>(closure));
  if ((*last)->closing) return;
  // The library gives up after two refusals.
  const std::string why = fmt::format("NATS {}: the connection is given up: {}; correct the cause and start again",
                                      (*last)->url, reason_of(connection));
  (*last)->report(why);
  (*last)->denials.tell({Denial::Operation::connect, why});
  if ((*last)->events.given_up) (*last)->events.given_up();
}

void on_error(natsConnection* connection, natsSubscription* subscription, natsStatus status, void* closure) {
  if (status == NATS_SLOW_CONSUMER && subscription != nullptr) {
    const char* subject = natsSubscription_GetSubject(subscription);
    return listener(closure).report(
        fmt::format("slow consumer: messages on `{}` arrive faster than they are handled; some are dropped",
                    subject == nullptr ? "" : subject));
  }
  natsStatus last = NATS_OK;
  const char* text = nats_GetLastError(&last);  // of this error; the connection knows only its last one
  if (text == nullptr || last != status) natsConnection_GetLastError(connection, &text);
  const std::string detail = text == nullptr ? "" : text;
  if (status == NATS_NOT_PERMITTED)
    if (const auto denial = parse_denial(detail)) {
      listener(closure).denials.tell(*denial);
      return listener(closure).report(denial->message());
    }
  const std::string cause = explain(status);
  listener(closure).report(detail.empty() ? cause : fmt::format("{}: {}", cause, without_secrets(detail)));
}

/// A handler. It is kept until the library has made the last call for its subscription.
struct Delivery {
  Connection::Handler handler;
  ListenerPtr listener;
};

void on_message(natsConnection*, natsSubscription*, natsMsg* raw, void* closure) {
  const auto& delivery = *static_cast<Delivery*>(closure);
  try {
    delivery.handler(own(raw));
  } catch (const std::exception& failure) {  // an exception must not pass through C
    delivery.listener->report(fmt::format("a message handler failed: {}", failure.what()));
  }
}

void on_complete(void* closure) { delete static_cast<Delivery*>(closure); }

bool too_long(std::size_t bytes) { return bytes > static_cast<std::size_t>(std::numeric_limits<int>::max()); }

}  // namespace

class Subscription::Impl {
 public:
  explicit Impl(natsSubscription* subscription) : subscription_(subscription) {}
  const std::unique_ptr<natsSubscription, Destroyer<natsSubscription_Destroy>> subscription_;
  std::atomic<std::int64_t> dropped_{0};  ///< last known value: the library has none after the subscription's end
};

Subscription::Subscription(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Subscription::Subscription(Subscription&&) noexcept = default;
Subscription& Subscription::operator=(Subscription&&) noexcept = default;
Subscription::~Subscription() = default;

void Subscription::start_drain(std::chrono::milliseconds timeout) {
  (void)dropped();
  natsSubscription_DrainTimeout(impl_->subscription_.get(), timeout.count());
}

void Subscription::wait_drained(std::chrono::milliseconds timeout) {
  natsSubscription_WaitForDrainCompletion(impl_->subscription_.get(), timeout.count());
}

std::int64_t Subscription::dropped() const {
  std::int64_t count = 0;
  if (natsSubscription_GetDropped(impl_->subscription_.get(), &count) == NATS_OK) impl_->dropped_ = count;
  return impl_->dropped_;
}

class Connection::Impl {
 public:
  Impl(natsConnection* connection, ListenerPtr listener, std::string inbox_prefix, int pending_max)
      : connection_(connection),
        listener_(std::move(listener)),
        inbox_prefix_(std::move(inbox_prefix)),
        pending_max_(pending_max) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    listener_->closing = true;
    natsConnection_Destroy(connection_);
  }

  [[nodiscard]] Error error(const std::string& what, natsStatus status, std::size_t bytes = 0) const {
    if (status == NATS_MAX_PAYLOAD)
      return {ErrorCode::too_large,
              fmt::format("a message of {} bytes exceeds the NATS server's max_payload of {} bytes", bytes,
                          natsConnection_GetMaxPayload(connection_))};
    return {ErrorCode::internal, fmt::format("NATS {}: {}: {}", listener_->url, what, explain(status))};
  }

  natsConnection* const connection_;
  const ListenerPtr listener_;
  const std::string inbox_prefix_;
  const int pending_max_;
};

Result<std::unique_ptr<Connection>> Connection::open(const ConnectionOptions& options, ConnectionEvents events) {
  auto made = nats_options(options);
  if (!made) return std::move(made.error());
  natsOptions* out = made->get();
  auto listener = std::make_shared<Listener>();
  listener->events = std::move(events);
  listener->url = shown_servers(options.url);
  auto closure = std::make_unique<ListenerPtr>(listener);
  natsOptions_SetDisconnectedCB(out, on_disconnected, closure.get());
  natsOptions_SetReconnectedCB(out, on_connected, closure.get());
  natsOptions_SetClosedCB(out, on_closed, closure.get());
  natsOptions_SetErrorHandler(out, on_error, closure.get());
  if (options.retry_first_connect) natsOptions_SetRetryOnFailedConnect(out, true, on_connected, closure.get());

  natsConnection* raw = nullptr;
  const natsStatus status = natsConnection_Connect(&raw, out);
  if (status != NATS_OK && status != NATS_NOT_YET_CONNECTED)
    return Error{ErrorCode::internal, fmt::format("NATS {}: cannot connect: {}", listener->url, explain(status))};
  (void)closure.release();  // on_closed frees it
  std::string prefix(options.inbox_prefix.empty() ? default_inbox_prefix : options.inbox_prefix);
  while (prefix.ends_with('.')) prefix.pop_back();
  return std::make_unique<Connection>(
      std::make_unique<Impl>(raw, std::move(listener), std::move(prefix), options.pending_max));
}

Connection::Connection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Connection::~Connection() = default;

Result<Subscription> Connection::subscribe(const std::string& subject, const std::string& queue_group,
                                           Handler handler) {
  auto delivery = std::make_unique<Delivery>(Delivery{std::move(handler), impl_->listener_});
  natsSubscription* raw = nullptr;
  natsConnection* connection = impl_->connection_;
  const natsStatus status =
      queue_group.empty() ? natsConnection_Subscribe(&raw, connection, subject.c_str(), on_message, delivery.get())
                          : natsConnection_QueueSubscribe(&raw, connection, subject.c_str(), queue_group.c_str(),
                                                          on_message, delivery.get());
  if (status != NATS_OK) return impl_->error(fmt::format("subscribe to `{}`", subject), status);
  // The library may already call the handler, so that only its last callback may free it.
  natsSubscription_SetOnCompleteCB(raw, on_complete, delivery.release());
  natsSubscription_SetPendingLimits(raw, impl_->pending_max_, pending_bytes_max);
  return Subscription(std::make_unique<Subscription::Impl>(raw));
}

Status Connection::publish(const std::string& subject, Bytes data, const Headers& headers, const std::string& reply) {
  const std::string what = fmt::format("publish to `{}`", subject);
  if (too_long(data.size())) return impl_->error(what, NATS_MAX_PAYLOAD, data.size());
  const auto size = static_cast<int>(data.size());
  const char* reply_to = reply.empty() ? nullptr : reply.c_str();
  natsStatus status = NATS_OK;
  if (headers.empty()) {
    natsConnection* connection = impl_->connection_;
    status = reply.empty() ? natsConnection_Publish(connection, subject.c_str(), data.data(), size)
                           : natsConnection_PublishRequest(connection, subject.c_str(), reply_to, data.data(), size);
  } else {
    natsMsg* raw = nullptr;
    status = natsMsg_Create(&raw, subject.c_str(), reply_to, reinterpret_cast<const char*>(data.data()), size);
    const NatsMessage message(raw);
    for (const auto& [key, value] : headers)
      if (status == NATS_OK) status = natsMsgHeader_Set(raw, key.c_str(), value.c_str());
    if (status == NATS_OK) status = natsConnection_PublishMsg(impl_->connection_, raw);
  }
  if (status != NATS_OK) return impl_->error(what, status, data.size());
  return Ok{};
}

Result<Message> Connection::request(const std::string& subject, Bytes data, std::chrono::milliseconds timeout) {
  auto call = Call::start(*this, subject, data);
  if (!call) return call.error();
  auto message = call->next(timeout);
  if (!message) return message.error();
  if (!*message)
    return Error{ErrorCode::deadline_exceeded, fmt::format("request to `{}`: no reply within {} ms; allow more time, "
                                                           "or try again",
                                                           subject, timeout.count())};
  if ((*message)->no_responders())
    return Error{ErrorCode::internal,
                 fmt::format("no responders: no service listens on `{}` at {}; start inpaintd with the same server and "
                             "subject prefix",
                             subject, connected_url())};
  return std::move(**message);
}

Status Connection::flush(std::chrono::milliseconds timeout) {
  const natsStatus status = natsConnection_FlushTimeout(impl_->connection_, timeout.count());
  if (status != NATS_OK) return impl_->error("flush", status);
  return Ok{};
}

Status Connection::confirm_subscription(const std::string& subject, std::chrono::milliseconds timeout) {
  if (Status flushed = flush(timeout); !flushed) return flushed;
  const char* text = nullptr;  // the server sends a refusal before its answer to the flush
  if (natsConnection_GetLastError(impl_->connection_, &text) != NATS_NOT_PERMITTED || text == nullptr) return Ok{};
  const auto denial = parse_denial(text);
  if (denial != Denial{Denial::Operation::subscribe, subject}) return Ok{};
  return Error{ErrorCode::internal, fmt::format("NATS {}: {}", servers(), denial->message())};
}

std::shared_ptr<void> Connection::watch_denials(std::function<void(const Denial&)> watcher) {
  return impl_->listener_->denials.watch(std::move(watcher));
}

std::string Connection::servers() const { return impl_->listener_->url; }

std::string Connection::last_error() const {
  const std::string noted = reason_of(impl_->connection_);
  return fmt::format("NATS {}: {}", servers(), noted.empty() ? explain(NATS_NO_SERVER) : noted);
}

std::string Connection::new_inbox() const { return fmt::format("{}.{}", impl_->inbox_prefix_, unique_id()); }

std::int64_t Connection::max_payload() const { return natsConnection_GetMaxPayload(impl_->connection_); }

bool Connection::connected() const { return natsConnection_Status(impl_->connection_) == NATS_CONN_STATUS_CONNECTED; }

bool Connection::closed() const { return natsConnection_IsClosed(impl_->connection_); }

std::string Connection::connected_url() const { return url_of(impl_->connection_); }

Connection::Statistics Connection::statistics() const {
  natsStatistics* raw = nullptr;
  Statistics out;
  if (natsStatistics_Create(&raw) != NATS_OK) return out;
  const std::unique_ptr<natsStatistics, Destroyer<natsStatistics_Destroy>> counts(raw);
  if (natsConnection_GetStats(impl_->connection_, raw) == NATS_OK)
    natsStatistics_GetCounts(raw, &out.in_messages, &out.in_bytes, &out.out_messages, &out.out_bytes, &out.reconnects);
  return out;
}

std::string unique_id() {
  natsInbox* raw = nullptr;
  if (natsInbox_Create(&raw) != NATS_OK) throw std::bad_alloc();
  const std::unique_ptr<natsInbox, Destroyer<natsInbox_Destroy>> inbox(raw);
  return std::string(raw).substr(default_inbox_prefix.size() + 1);
}

}  // namespace inpaintd
