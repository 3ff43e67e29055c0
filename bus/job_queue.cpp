// SPDX-License-Identifier: Apache-2.0
#include "bus/job_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "bus/jetstream.h"
#include "bus/subjects.h"

namespace inpaintd {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr int not_found = 404;
constexpr int no_jetstream = 503;
constexpr Priority priorities[] = {Priority::high, Priority::normal, Priority::low};
/// The longest wait for the server's word that a queue is empty.
constexpr milliseconds answer_timeout{1000};

std::vector<std::string_view> tokens_of(std::string_view subject) {
  std::vector<std::string_view> tokens;
  for (std::size_t begin = 0; begin <= subject.size();) {
    const std::size_t end = std::min(subject.find('.', begin), subject.size());
    tokens.push_back(subject.substr(begin, end - begin));
    begin = end + 1;
  }
  return tokens;
}

template <class T>
T number(std::string_view text) {
  T value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Reads `$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<deliveries>.<sequence>...`; nothing for another subject.
std::optional<Delivery> delivery_of(Message message) {
  if (!is_acknowledgement(message.reply())) return std::nullopt;
  const auto tokens = tokens_of(message.reply());
  const std::size_t stream = tokens.size() > 9 ? 4 : 2;
  if (tokens.size() < stream + 4 || tokens[stream] != jobs_stream) return std::nullopt;
  const auto priority = from_name<Priority>(tokens[stream + 1]);
  if (!priority) return std::nullopt;
  const int count = number<int>(tokens[stream + 2]);
  const auto sequence = number<std::uint64_t>(tokens[stream + 3]);
  return Delivery{std::move(message), *priority, count, sequence};
}

/// The number of the last message up to which a consumer has nothing left to do.
std::uint64_t finished_until(const json& consumer) {
  const auto sequence = [&](const char* member) {
    return consumer.value(member, json::object()).value("stream_seq", std::uint64_t{0});
  };
  const bool idle = consumer.value("num_pending", 1) == 0 && consumer.value("num_ack_pending", 1) == 0;
  return idle ? std::max(sequence("ack_floor"), sequence("delivered")) : sequence("ack_floor");
}

}  // namespace

Result<std::optional<milliseconds>> JobQueue::patience(milliseconds timeout) {
  JetStream jetstream(connection_, timeout);
  nanoseconds shortest = std::chrono::hours(24);
  for (const Priority priority : priorities) {
    const auto consumer = jetstream.call(fmt::format("CONSUMER.INFO.{}.{}", jobs_stream, name(priority)));
    if (!consumer && (consumer.error().code == not_found || consumer.error().code == no_jetstream))
      return std::optional<milliseconds>();
    if (!consumer) return Error{ErrorCode::store_failed, consumer.error().message};
    const json config = consumer->value("config", json::object());
    shortest = std::min(shortest, nanoseconds(config.value("ack_wait", shortest.count())));
    const std::string subject = config.value("filter_subject", "");
    if (subject != job_subject(prefix_, priority))
      return Error{ErrorCode::store_failed,
                   fmt::format("the consumer {} of the stream {} has the subject {} instead of {}; make it with the "
                               "--prefix of this worker, in an account of its own",
                               name(priority), jobs_stream, subject, job_subject(prefix_, priority))};
  }
  return std::optional(std::chrono::duration_cast<milliseconds>(shortest));
}

Result<std::optional<Delivery>> JobQueue::next(milliseconds wait) {
  const auto any = [this] { return !arrived_.empty(); };
  if (Status read = collect(Clock::now(), {}); !read) return read.error();
  for (const Priority priority : priorities) {
    if (auto delivery = take(priority)) return delivery;
    if (Clock::now() < polled_until_[static_cast<std::size_t>(priority)]) continue;
    empty_ = false;
    if (Status asked = ask(priority, false, answer_timeout); !asked) return asked.error();
    const TimePoint end = Clock::now() + answer_timeout;
    if (Status read = collect(end, [&] { return any() || empty_; }); !read) return read.error();
    if (any()) return take(Priority::low);
  }
  // Nothing waits: the first job that comes is sent at once, whatever its priority.
  for (const Priority priority : priorities)
    if (Clock::now() >= polled_until_[static_cast<std::size_t>(priority)])
      if (Status asked = ask(priority, true, wait); !asked) return asked.error();
  if (Status read = collect(Clock::now() + wait, any); !read) return read.error();
  return take(Priority::low);
}

std::optional<Delivery> JobQueue::remaining() {
  const TimePoint end = *std::ranges::max_element(polled_until_);
  (void)collect(end, [this] { return !arrived_.empty(); });
  return take(Priority::low);
}

/// Asks for one job. With `wait_there` the server waits for a job to come; otherwise it says that there is none.
Status JobQueue::ask(Priority priority, bool wait_there, milliseconds wait) {
  // A server that gets both members waits all the same.
  json body{{"batch", 1}};
  if (wait_there)
    body["expires"] = nanoseconds(wait).count();
  else
    body["no_wait"] = true;
  const std::string text = body.dump();
  const std::string subject = fmt::format("$JS.API.CONSUMER.MSG.NEXT.{}.{}", jobs_stream, name(priority));
  if (wait_there) polled_until_[static_cast<std::size_t>(priority)] = Clock::now() + wait;
  if (call_) return call_->publish(subject, as_bytes(text));
  auto call = Call::start(connection_, subject, as_bytes(text));
  if (!call) return call.error();
  call_.emplace(std::move(*call));
  return Ok{};
}

/// Reads what arrives until `end`, or until `enough` is true. Without `enough`: what has arrived.
Status JobQueue::collect(TimePoint end, const std::function<bool()>& enough) {
  while (call_ && !(enough && enough())) {
    const auto rest = std::chrono::duration_cast<milliseconds>(end - Clock::now());
    auto message = call_->next(std::max(rest, milliseconds(0)));
    if (!message) {
      call_.reset();  // a denial: the next call asks anew
      polled_until_ = {};
      return Error{ErrorCode::store_failed, message.error().message};
    }
    if (!*message) {
      if (Clock::now() >= end) return Ok{};
      continue;
    }
    arrived(std::move(**message));
  }
  return Ok{};
}

void JobQueue::arrived(Message message) {
  if (auto delivery = delivery_of(message)) {
    polled_until_[static_cast<std::size_t>(delivery->priority)] = {};
    return arrived_.push_back(std::move(*delivery));
  }
  const std::string status = message.header("Status");
  if (status == "404" || message.no_responders()) empty_ = true;
  if (status == "409") polled_until_ = {};  // the consumer has moved, or has ended
}

/// Takes out the first job of the highest priority that arrived, if it is at least `least`.
std::optional<Delivery> JobQueue::take(Priority least) {
  const auto first = std::ranges::min_element(arrived_, {}, &Delivery::priority);
  if (first == arrived_.end() || first->priority > least) return std::nullopt;
  Delivery delivery = std::move(*first);
  arrived_.erase(first);
  return delivery;
}

Result<std::vector<JobQueue::Leftover>> JobQueue::leftovers(milliseconds timeout) {
  JetStream jetstream(connection_, timeout);
  const std::string stream(jobs_stream);
  std::vector<Leftover> leftovers;
  for (const Priority priority : priorities) {
    const auto consumer = jetstream.call(fmt::format("CONSUMER.INFO.{}.{}", stream, name(priority)));
    if (!consumer) return Error{ErrorCode::store_failed, consumer.error().message};
    const std::uint64_t last = finished_until(*consumer);
    for (std::uint64_t from = 1; from <= last;) {
      auto stored = jetstream.next_at_leader(stream, job_subject(prefix_, priority), from);
      if (!stored && stored.error().code == not_found) break;
      if (!stored) return Error{ErrorCode::store_failed, stored.error().message};
      if (stored->sequence > last) break;
      from = stored->sequence + 1;
      leftovers.push_back({stored->sequence, priority, std::move(stored->data)});
    }
  }
  return leftovers;
}

Status JobQueue::remove(const Leftover& leftover, milliseconds timeout) {
  const auto removed =
      JetStream(connection_, timeout)
          .call(fmt::format("STREAM.MSG.DELETE.{}", jobs_stream), {{"seq", leftover.sequence}, {"no_erase", true}});
  if (!removed && removed.error().code == 0) return Error{ErrorCode::store_failed, removed.error().message};
  return Ok{};  // or it has left meanwhile
}

void JobQueue::in_progress(const std::string& ack) { (void)connection_.publish(ack, as_bytes("+WPI")); }

Status JobQueue::acknowledge(const std::string& ack, milliseconds timeout) { return confirm(ack, "+ACK", timeout); }

Status JobQueue::terminate(const std::string& ack, milliseconds timeout) { return confirm(ack, "+TERM", timeout); }

void JobQueue::give_back(const std::string& ack, milliseconds delay) {
  const std::string text =
      delay.count() == 0 ? "-NAK" : fmt::format("-NAK {{\"delay\": {}}}", nanoseconds(delay).count());
  (void)connection_.publish(ack, as_bytes(text));
}

Status JobQueue::confirm(const std::string& ack, std::string_view word, milliseconds timeout) {
  const auto answer = JetStream(connection_, timeout).ask(ack, as_bytes(word));
  if (!answer) return Error{ErrorCode::store_failed, answer.error().message};
  return Ok{};
}

}  // namespace inpaintd
