// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/run.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include "bus/call.h"
#include "bus/subjects.h"
#include "bus/wire/wire.h"
#include "clients/cpp/payload.h"
#include "tools/inpaint_load/receiver.h"
#include "tools/shared/progress.h"

namespace inpaintd::tools {
namespace {

using namespace std::chrono_literals;

constexpr Microseconds poll = 20ms;  // the longest time until Ctrl-C is noticed
constexpr Microseconds overdue_check_interval = 100ms;
constexpr auto bar_interval = 250ms;

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// The first denial of the run; it is noted on a thread of the NATS library.
class FirstDenial {
 public:
  void note(const Denial& denial) {
    const std::lock_guard lock(mutex_);
    if (!denial_) denial_ = denial;
  }
  [[nodiscard]] std::optional<Denial> first() const {
    const std::lock_guard lock(mutex_);
    return denial_;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<Denial> denial_;
};

class LoadRun {
 public:
  LoadRun(Connection& connection, const LoadOptions& options, std::shared_ptr<RequestMaker> requests,
          const Interrupt& interrupt, const RunLimits& limits)
      : connection_(connection),
        options_(options),
        requests_(std::move(requests)),
        interrupt_(interrupt),
        limits_(limits),
        receiver_(std::make_shared<Receiver>(options, requests_, ledger_, agenda_)) {}

  Result<RunResult> run() {
    auto subscription = connection_.subscribe(
        inbox_ + ".*.*", "", [receiver = receiver_](const Message& message) { receiver->receive(message); });
    if (!subscription) return subscription.error();
    const auto watch = connection_.watch_denials([denied = denied_](const Denial& denial) { denied->note(denial); });
    const double cpu = cpu_seconds();
    receiver_->start();
    const std::jthread bar([this](const std::stop_token& stop) { show_bar(stop); });
    if (open_loop())
      send_open_loop();
    else
      send_closed_loop();
    const Microseconds end = std::min(receiver_->now(), last_moment());
    const double cores =
        (cpu_seconds() - cpu) / std::max(1e-3, std::chrono::duration<double>(receiver_->now()).count());
    wait_for_answers();
    if (const auto denial = denied_->first(); denial && !interrupt_.requested())
      return Error{ErrorCode::internal, denial->message()};
    return report(all_sent() ? receiver_->now() : end, cores);
  }

 private:
  [[nodiscard]] bool open_loop() const { return options_.rate.has_value(); }
  [[nodiscard]] Microseconds last_moment() const {
    return options_.requests ? Microseconds(24h) : Microseconds(options_.warmup + options_.duration);
  }
  [[nodiscard]] bool all_sent() const { return options_.requests && sent_ >= *options_.requests; }
  [[nodiscard]] bool stopped() const { return interrupt_.requested() || given_up_ || denied_->first(); }

  void send_open_loop() {
    Arrivals arrivals(*options_.rate, options_.poisson, options_.seed,
                      make_phases(options_.profile, options_.warmup, options_.duration));
    const auto next = [&] { return std::chrono::duration_cast<Microseconds>(arrivals.next()); };
    Microseconds due = next();
    while (!stopped() && receiver_->now() < last_moment()) {
      for (; due <= receiver_->now() && due < last_moment() && !stopped(); due = next()) send(due);
      do_due_work();
      agenda_->wait(receiver_->at(std::min({due, last_moment(), receiver_->now() + poll})));
    }
  }

  void send_closed_loop() {
    agenda_->add_slots(options_.concurrency);
    const auto more = [this] { return !stopped() && receiver_->now() < last_moment() && !all_sent(); };
    while (more()) {
      while (more() && agenda_->take_slot()) send(receiver_->now());
      do_due_work();
      agenda_->wait(receiver_->at(std::min(last_moment(), receiver_->now() + poll)));
    }
  }

  void wait_for_answers() {
    if (stopped()) {
      if (interrupt_.requested()) std::cerr << "\ncancelling the open requests; press Ctrl-C again to end at once\n";
      receiver_->stop_retries();
      for (std::size_t number : ledger_->open_requests()) cancel(number);
    }
    // Ends, because each request is answered, retried a bounded number of times, or counted as lost.
    while (ledger_->counts().open() > 0 && !denied_->first()) {
      if (interrupt_.requested()) receiver_->stop_retries();
      do_due_work();
      agenda_->wait(receiver_->at(receiver_->now() + poll));
    }
  }

  void send(Microseconds due) {
    const std::size_t number = sent_++;
    const Choice choice = requests_->choice(number);
    ledger_->open(due, receiver_->now(), choice.fate);
    publish(number, 0, choice);
    if (choice.fate == Fate::cancel) agenda_->add({Clock::now() + choice.cancel_after, number, Agenda::What::cancel});
  }

  void publish(std::size_t number, int attempt, const Choice& choice) {
    const std::string subject = run_subject(options_.server.prefix, choice.priority);
    const std::string reply = fmt::format("{}.{}.{}", inbox_, number, attempt);
    const Status published = connection_.publish(subject, requests_->encode(number, choice), {}, reply);
    if (!published && ledger_->enter(number, attempt, true)) receiver_->fail(number, "not_sent");
  }

  void cancel(std::size_t number) {
    if (!ledger_->is_open(number)) return;
    const std::string cancel = wire::encode_cancel(requests_->id(number));
    (void)connection_.publish(cancel_subject(options_.server.prefix), as_bytes(cancel));
  }

  /// Sends the retries and cancels that are due, and gives up requests that will not be answered any more.
  void do_due_work() {
    while (const auto entry = agenda_->take(Clock::now())) {
      if (entry->what == Agenda::What::cancel)
        cancel(entry->number);
      else
        publish(entry->number, ledger_->open_attempt(entry->number, receiver_->now()),
                requests_->choice(entry->number));
    }
    if (receiver_->now() < next_overdue_check_) return;
    next_overdue_check_ = receiver_->now() + overdue_check_interval;
    for (std::size_t number : ledger_->overdue(receiver_->now() - options_.timeout - options_.grace))
      receiver_->fail(number, code_unanswered);
    if (limits_.wait_max && ledger_->waiting(receiver_->now() - *limits_.wait_max) > sent_ / 100) given_up_ = true;
  }

  void show_bar(const std::stop_token& stop) const {
    if (isatty(STDERR_FILENO) != 1) return;
    while (!stop.stop_requested()) {
      const auto counts = ledger_->counts();
      std::cerr << "\r\033[K" << load_bar(receiver_->now(), last_moment(), counts.sent, counts.ok, counts.failed)
                << std::flush;
      std::this_thread::sleep_for(bar_interval);
    }
    std::cerr << "\r\033[K" << std::flush;
  }

  [[nodiscard]] RunResult report(Microseconds end, double cores) const {
    const auto records = ledger_->records();
    RunResult result;
    for (const Record& record : records)
      result.last_answer_s = std::max(result.last_answer_s, static_cast<double>(record.answered.count()) / 1e6);
    result.report = make_report(records, {options_.warmup, end, open_loop(), options_.slo});
    result.report.cpu_cores = cores;
    result.timeline = make_timeline(records, options_.warmup, end);
    result.given_up = given_up_;
    return result;
  }

  Connection& connection_;
  const LoadOptions& options_;
  const std::shared_ptr<RequestMaker> requests_;
  const Interrupt& interrupt_;
  const RunLimits limits_;
  const std::shared_ptr<Ledger> ledger_ = std::make_shared<Ledger>();
  const std::shared_ptr<Agenda> agenda_ = std::make_shared<Agenda>();
  const std::shared_ptr<Receiver> receiver_;  // after ledger and agenda, which it is made of
  const std::shared_ptr<FirstDenial> denied_ = std::make_shared<FirstDenial>();
  const std::string inbox_ = connection_.new_inbox();
  std::size_t sent_ = 0;
  Microseconds next_overdue_check_{};
  bool given_up_ = false;
};

}  // namespace

Status probe(Connection& connection, const LoadOptions& options, RequestMaker& requests) {
  const Bytes request = requests.encode_largest();
  if (Status fits = check_payload(connection, request.size()); !fits) return fits.error();
  const std::string subject = run_subject(options.server.prefix, Priority::normal);
  auto call = Call::start(connection, subject, request);
  if (!call) return call.error();
  for (const TimePoint end = Clock::now() + options.timeout + options.grace; Clock::now() < end;) {
    const auto message = call->next(std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()));
    if (!message) return message.error();
    if (!*message) break;
    if ((*message)->no_responders())
      return Error{ErrorCode::internal,
                   fmt::format("no service listens on `{}` at {}; start inpaintd, or correct --prefix", subject,
                               connection.connected_url())};
    if (!wire::concerns((*message)->data(), requests.probe_id())) continue;
    const auto reply = wire::decode_reply((*message)->data());
    if (!reply) return reply.error();
    const auto* failed = std::get_if<wire::Failed>(&*reply);
    if (failed == nullptr || info(failed->error.code).retryable) return Ok{};
    return Error{failed->error.code, "the service refuses a request of this kind: " + failed->error.message};
  }
  return Error{ErrorCode::internal, "the service has not answered the first request in time; allow more --timeout"};
}

Result<RunResult> run_load(Connection& connection, const LoadOptions& options,
                           const std::shared_ptr<RequestMaker>& requests, const Interrupt& interrupt,
                           const RunLimits& limits) {
  return LoadRun(connection, options, requests, interrupt, limits).run();
}

}  // namespace inpaintd::tools
