// SPDX-License-Identifier: Apache-2.0
#include "gateway/tasks/nats_port.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <utility>

#include "bus/object_store.h"
#include "bus/subjects.h"
#include "bus/wire/wire.h"

namespace inpaintd::gateway {
namespace {

using std::chrono::milliseconds;

/// The id that workers know a request by. It is not the task's id, which may not appear in anybody's log.
std::string request_id(const std::string& token) { return fmt::format("gateway-{}", token); }

constexpr milliseconds look_interval{10'000};  // for a bucket that is made while the gateway runs

std::string encode(const std::string& token, const Submission& submission, milliseconds timeout, bool stored) {
  Request request;
  request.id = request_id(token);
  request.image = EncodedFile{as_bytes(submission.image)};
  request.mask = EncodedFile{as_bytes(submission.mask)};
  if (stored) {
    request.image_at = LargePictures::image_of(token);
    request.mask_at = LargePictures::mask_of(token);
    request.result = LargePictures::result_of(token);
  }
  request.timeout = timeout;
  request.progress = true;
  request.options = submission.options;
  return wire::encode_request(request);
}

}  // namespace

/// What threads of the NATS library reach, also after the port is gone.
struct NatsPort::Sink : std::enable_shared_from_this<NatsPort::Sink> {
  std::mutex mutex;
  Loop* loop = nullptr;   ///< null: closed
  Loop* store = nullptr;  ///< there as long as `loop` is
  Requester* requester = nullptr;
  std::atomic<bool> given_up{false};
  // Kept here, because the library's own answers wait for a message that is being written.
  std::atomic<bool> connected{false};
  std::atomic<std::size_t> payload_max{0};
  std::weak_ptr<Connection> connection;
  std::shared_ptr<LargePictures> large;
  std::atomic<bool> worth_asking{true};  ///< for the bucket

  /// Looks at the connection, which has just been made.
  void look() {
    std::shared_ptr<Connection> now;
    {
      const std::lock_guard lock(mutex);
      now = connection.lock();
    }
    if (now == nullptr || !now->connected()) return;
    payload_max = static_cast<std::size_t>(std::max<std::int64_t>(0, now->max_payload()));
    worth_asking = true;
    connected = true;
  }

  /// Looks for the bucket of large pictures beside the event loop, again and again until it exists. Where the server
  /// cannot tell, it is asked again after the next connect.
  void look_for_bucket() {
    const std::lock_guard lock(mutex);
    if (loop == nullptr) return;
    if (connected && worth_asking && !large->available())
      store->offload([self = shared_from_this(), pictures = large] { self->worth_asking = pictures->look(); });
    loop->after(look_interval, [self = shared_from_this()] { self->look_for_bucket(); });
  }

  /// Runs `work` with the object store on another thread, unless the port is closed.
  void offload(std::function<void()> work) {
    const std::lock_guard lock(mutex);
    if (loop != nullptr) store->offload(std::move(work));
  }

  void deny(const Denial& denial, const std::string& answers) {
    if (denial == Denial{Denial::Operation::subscribe, answers}) given_up = true;
    if (denial.operation != Denial::Operation::publish) return;
    post([subject = denial.subject, error = Error{ErrorCode::internal, denial.message()}](Requester& requester) {
      requester.denied(subject, error);
    });
  }

  void post(std::function<void(Requester&)> call) {
    const std::lock_guard lock(mutex);
    if (loop == nullptr) return;
    loop->post([self = shared_from_this(), call = std::move(call)] {
      if (self->requester != nullptr) call(*self->requester);
    });
  }

  void fail(const std::string& token, const Error& error) {
    post([token, error](Requester& requester) { requester.publish_failed(token, error, Clock::now()); });
  }

  void receive(const Message& message) {
    const std::string_view subject = message.subject();
    std::string token(subject.substr(subject.rfind('.') + 1));
    if (message.no_responders()) {
      remove_large(token);
      return post([token](Requester& requester) { requester.no_responders(token, Clock::now()); });
    }
    if (!wire::concerns(message.data(), request_id(token))) return;
    auto owner = std::make_shared<const Message>(message);
    auto reply = wire::decode_reply(owner->data());
    if (!reply) return spdlog::warn("an answer is dropped: {}", reply.error().message);
    const bool final = std::holds_alternative<wire::Done>(*reply) || std::holds_alternative<wire::Failed>(*reply);
    const auto pictures = final ? large_of(token) : nullptr;
    if (pictures)
      return offload([self = shared_from_this(), pictures, token, reply = std::move(*reply)]() mutable {
        self->finish_large(*pictures, token, std::move(reply));
      });
    post([token, owner, reply = std::move(*reply)](Requester& requester) {
      requester.answered(token, reply, owner, Clock::now());
    });
  }

  /// The pictures in the object store, if the attempt has any there.
  std::shared_ptr<LargePictures> large_of(const std::string& token) {
    const std::lock_guard lock(mutex);
    return large && large->holds(token) ? large : nullptr;
  }

  void remove_large(const std::string& token) {
    if (const auto pictures = large_of(token)) offload([pictures, token] { pictures->remove(token); });
  }

  /// Fetches the picture of an answer from the object store, and removes all objects of the attempt.
  void finish_large(LargePictures& pictures, const std::string& token, wire::Reply reply) {
    std::shared_ptr<const void> owner;
    if (auto* done = std::get_if<wire::Done>(&reply)) {
      auto file = pictures.result(token);
      if (file) {
        const auto bytes = std::make_shared<const std::string>(*std::move(file));
        done->image = as_bytes(*bytes);
        owner = bytes;
      } else {
        reply = wire::Failed{done->id, file.error()};
      }
    }
    post([token, owner, reply = std::move(reply)](Requester& requester) {
      requester.answered(token, reply, owner, Clock::now());
    });
    pictures.remove(token);
  }
};

NatsPort::NatsPort(std::string prefix, Loop& loop, Loop& store, std::shared_ptr<Sink> sink)
    : prefix_(std::move(prefix)), loop_(loop), store_(store), sink_(std::move(sink)) {}

NatsPort::~NatsPort() { close(); }

Result<std::unique_ptr<NatsPort>> NatsPort::open(ConnectionOptions options, std::string prefix, Loop& loop,
                                                 Loop& store) {
  options.name = "inpaint-gateway";
  options.retry_first_connect = true;
  options.reconnect_buffer_bytes = 1;  // the requester repeats the requests of open tasks itself
  const auto sink = std::make_shared<Sink>();
  sink->loop = &loop;
  sink->store = &store;
  ConnectionEvents events;
  events.disconnected = [sink](const std::string& reason) {
    sink->connected = false;
    spdlog::warn("NATS: disconnected{}{}; requests are refused until the connection is back",
                 reason.empty() ? "" : ": ", reason);
    sink->post([](Requester& requester) { requester.disconnected(); });
  };
  events.reconnected = [sink](const std::string& url) {
    sink->look();
    spdlog::info("NATS: connected to {}", url);
    sink->post([](Requester& requester) { requester.connected(Clock::now()); });
  };
  events.given_up = [sink] { sink->given_up = true; };
  events.error = [](const std::string& what) { spdlog::warn("NATS: {}", what); };
  auto connection = Connection::open(options, std::move(events));
  if (!connection) return std::move(connection.error());
  std::unique_ptr<NatsPort> port(new NatsPort(std::move(prefix), loop, store, sink));
  port->connection_ = std::move(*connection);
  {
    const std::lock_guard lock(sink->mutex);
    sink->connection = port->connection_;
  }
  sink->look();
  if (!sink->connected)
    spdlog::warn("NATS {}: not connected yet; requests are refused until the server is there",
                 port->connection_->servers());
  port->inbox_ = port->connection_->new_inbox();
  port->denials_ = port->connection_->watch_denials(
      [sink, answers = port->inbox_ + ".*"](const Denial& denial) { sink->deny(denial, answers); });
  auto subscription =
      port->connection_->subscribe(port->inbox_ + ".*", "", [sink](const Message& message) { sink->receive(message); });
  if (!subscription) return std::move(subscription.error());
  port->subscription_.emplace(std::move(*subscription));
  {
    port->large_ = std::make_shared<LargePictures>(port->connection_);
    const std::lock_guard lock(sink->mutex);
    sink->large = port->large_;
  }
  sink->look_for_bucket();
  return port;
}

void NatsPort::attach(Requester& requester) { sink_->requester = &requester; }

void NatsPort::close() {
  {
    const std::lock_guard lock(sink_->mutex);
    sink_->loop = nullptr;
    sink_->large = nullptr;  // it holds the connection
  }
  subscription_.reset();
  denials_.reset();
  large_.reset();
  connection_.reset();
}

void NatsPort::publish(const std::string& token, std::shared_ptr<const Submission> submission, milliseconds timeout,
                       bool stored) {
  stored = can_store() && (stored || submission->bytes() + message_overhead > sink_->payload_max);
  (stored ? store_ : loop_)
      .offload([sink = sink_, connection = connection_, large = large_, token, submission, timeout, inbox = inbox_,
                subject = subject(submission->priority), stored] {
        Status sent = Ok{};
        try {
          if (stored) sent = large->store(token, *submission);
          const std::string message = encode(token, *submission, timeout, stored);
          const Headers headers = wire::with_trace({}, submission->traceparent);
          if (sent) sent = connection->publish(subject, as_bytes(message), headers, fmt::format("{}.{}", inbox, token));
        } catch (const std::exception&) {
          sent = Error{ErrorCode::overloaded, "the gateway has no memory left to send the request; try again"};
        }
        if (sent) return;
        sink->remove_large(token);
        sink->fail(token, sent.error());
      });
}

void NatsPort::cancel(const std::string& token) {
  loop_.offload([connection = connection_, sink = sink_, token, subject = cancel_subject(prefix_)] {
    (void)connection->publish(subject, as_bytes(wire::encode_cancel(request_id(token))));
    sink->remove_large(token);
  });
}

bool NatsPort::connected() const { return sink_->connected; }

std::string NatsPort::subject(Priority priority) const { return run_subject(prefix_, priority); }

bool NatsPort::can_store() const { return large_ != nullptr && large_->available(); }

std::size_t NatsPort::request_max() const { return can_store() ? ObjectLimits{}.bytes_max : sink_->payload_max.load(); }

bool NatsPort::given_up() const { return sink_->given_up; }

bool NatsPort::worker_answers(milliseconds timeout) const {
  return connection_ != nullptr && connected() && bool(connection_->request("$SRV.PING.inpaint", {}, timeout));
}

}  // namespace inpaintd::gateway
