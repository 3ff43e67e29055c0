// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load_run.h"

#include <algorithm>
#include <charconv>
#include <iostream>
#include <memory>
#include <random>
#include <semaphore>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include "bus/wire.h"
#include "tools/inpaint_load_ledger.h"

namespace inpaintd::tools {
namespace {

using namespace std::chrono_literals;

constexpr auto poll = 20ms;
constexpr auto grace = 15s;  // a batch that runs at its requests' deadline is answered when it is done

/// What the receiving thread needs; shared with it, since it may outlive the run for a moment.
struct Reception {
  Ledger ledger;
  TimePoint start = Clock::now();
  std::counting_semaphore<> slots{0};  // closed loop: places for requests in flight

  [[nodiscard]] Microseconds now() const { return std::chrono::duration_cast<Microseconds>(Clock::now() - start); }

  void receive(const Message& message) {
    const std::string_view subject = message.subject();
    const std::string_view digits = subject.substr(subject.rfind('.') + 1);
    std::size_t number = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), number).ec != std::errc()) return;
    if (enter(number, message)) slots.release();
  }

  bool enter(std::size_t number, const Message& message) {
    if (message.no_responders()) return ledger.settle(number, now(), "no_responders");
    const auto reply = wire::decode_reply(message.data());
    if (!reply) return ledger.settle(number, now(), "unreadable");
    if (const auto* done = std::get_if<wire::Done>(&*reply)) return ledger.settle(number, now(), *done);
    if (const auto* failed = std::get_if<wire::Failed>(&*reply))
      return ledger.settle(number, now(), info(failed->error.code).name);
    return false;
  }
};

std::string frame(const LoadOptions& options, const LoadPicture& picture, std::uint64_t mask_seed, std::string id) {
  const DrawnMask mask = draw_mask(options.masks, picture.size, mask_seed);
  Request request;
  request.id = std::move(id);
  if (picture.format == Format::raw)
    request.image = RawPixels{picture.size.width, picture.size.height, as_bytes(picture.bytes)};
  else
    request.image = EncodedFile{as_bytes(picture.bytes)};
  request.mask = mask.view();
  request.timeout = options.timeout;
  request.options = options.request;
  return wire::encode_request(request);
}

class LoadRun {
 public:
  LoadRun(Connection& connection, const LoadOptions& options, const std::vector<LoadPicture>& pictures,
          const Interrupt& interrupt)
      : connection_(connection), options_(options), pictures_(pictures), interrupt_(interrupt) {}

  Result<Report> run() {
    auto subscription =
        connection_.subscribe(inbox_ + ".*", "", [state = state_](const Message& message) { state->receive(message); });
    if (!subscription) return subscription.error();
    state_->start = Clock::now();
    if (options_.rate)
      send_open_loop();
    else
      send_closed_loop();
    const Microseconds end = std::min(state_->now(), Microseconds(options_.warmup + options_.duration));
    wait_for_answers();
    const auto records = state_->ledger.records();
    return make_report(records, {options_.warmup, end, options_.rate.has_value(), options_.slo});
  }

 private:
  void send_open_loop() {
    Arrivals arrivals(*options_.rate, options_.poisson, options_.seed);
    const Microseconds end = options_.warmup + options_.duration;
    while (true) {
      const auto due = std::chrono::duration_cast<Microseconds>(arrivals.next());
      if (!wait_until(std::min(due, end)) || due >= end) return;
      send(due);
    }
  }

  void send_closed_loop() {
    state_->slots.release(options_.concurrency);
    while (state_->now() < options_.warmup + options_.duration && !interrupt_.requested()) {
      const bool free = state_->slots.try_acquire_for(poll);
      // An answer that was lost must not hold its place for ever.
      if (!free && state_->ledger.waiting(state_->now() - options_.timeout - grace) <= lost_) continue;
      if (!free) ++lost_;
      send(state_->now());
    }
  }

  void send(Microseconds due) {
    const std::string number = std::to_string(sent_);
    const LoadPicture& picture = pictures_[options_.repeat_input ? 0 : random_() % pictures_.size()];
    const std::uint64_t mask_seed = options_.seed + (options_.repeat_input ? 0 : sent_);
    const std::string request = frame(options_, picture, mask_seed, id_ + "-" + number);
    const std::string subject = run_subject(options_.server.prefix, options_.priority.pick(random_));
    state_->ledger.open(due, state_->now());
    const Status published = connection_.publish(subject, as_bytes(request), {}, inbox_ + "." + number);
    if (!published && state_->ledger.settle(sent_, state_->now(), "not_sent")) state_->slots.release();
    ++sent_;
  }

  /// False when the user wants to stop.
  [[nodiscard]] bool wait_until(Microseconds due) const {
    for (Microseconds now = state_->now(); now < due; now = state_->now()) {
      if (interrupt_.requested()) return false;
      std::this_thread::sleep_for(std::min<Microseconds>(due - now, poll));
    }
    return !interrupt_.requested();
  }

  void wait_for_answers() const {
    const Microseconds end = state_->now() + options_.timeout + grace;
    if (interrupt_.requested()) std::cerr << "waiting for the last answers; Ctrl-C again leaves at once\n";
    while (state_->now() < end && state_->ledger.waiting(Microseconds::max()) > lost_)
      std::this_thread::sleep_for(poll);
  }

  Connection& connection_;
  const LoadOptions& options_;
  const std::vector<LoadPicture>& pictures_;
  const Interrupt& interrupt_;
  const std::shared_ptr<Reception> state_ = std::make_shared<Reception>();
  const std::string inbox_ = connection_.new_inbox();
  const std::string id_ = "load-" + unique_id();
  std::mt19937_64 random_{options_.seed};
  std::size_t sent_ = 0;
  std::size_t lost_ = 0;
};

}  // namespace

Status probe(Connection& connection, const LoadOptions& options, const LoadPicture& picture) {
  const std::string request = frame(options, picture, options.seed - 1, "probe-" + unique_id());
  if (Status fits = check_payload(connection, request.size()); !fits) return fits.error();
  const std::string subject = run_subject(options.server.prefix, Priority::normal);
  const auto message = connection.request(subject, as_bytes(request), options.timeout + grace);
  if (!message) return Error{ErrorCode::internal, message.error().message};
  const auto reply = wire::decode_reply(message->data());
  if (!reply) return reply.error();
  const auto* failed = std::get_if<wire::Failed>(&*reply);
  if (failed == nullptr || info(failed->error.code).retryable) return Ok{};
  return Error{failed->error.code, "the service refuses such requests: " + failed->error.message};
}

Result<Report> run_load(Connection& connection, const LoadOptions& options, const std::vector<LoadPicture>& pictures,
                        const Interrupt& interrupt) {
  return LoadRun(connection, options, pictures, interrupt).run();
}

}  // namespace inpaintd::tools
