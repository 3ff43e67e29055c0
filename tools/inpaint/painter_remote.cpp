// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "bus/subjects.h"
#include "bus/wire/wire.h"
#include "core/job.h"
#include "tools/inpaint/painter.h"
#include "tools/shared/payload.h"
#include "tools/shared/progress.h"
#include "tools/shared/retry.h"

namespace inpaintd::tools {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr milliseconds poll = 50ms;  // how soon Ctrl-C is noticed
constexpr milliseconds grace = 5s;   // the service answers at the deadline, or when the batch that runs is done

/// Messages on their way from the NATS thread to the one that waits.
class Mailbox {
 public:
  void put(Message message) {
    std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
    filled_.notify_one();
  }

  std::optional<Message> take(milliseconds wait) {
    std::unique_lock lock(mutex_);
    if (!filled_.wait_for(lock, wait, [this] { return !messages_.empty(); })) return std::nullopt;
    Message message = std::move(messages_.front());
    messages_.pop_front();
    return message;
  }

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<Message> messages_;
};

/// 0..1, for waits that shall not end together; each process and thread has its own.
double random_part() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(random);
}

PaintFailure interrupted() { return {"interrupted; the service is told to give up what waits", exit_interrupted}; }

PaintFailure refused(const Error& error) { return {std::string(info(error.code).name) + ": " + error.message}; }

class RemotePainter : public Painter {
 public:
  RemotePainter(Connection& connection, RemoteSettings settings, const Interrupt& interrupt)
      : connection_(connection), settings_(std::move(settings)), interrupt_(interrupt) {}

  Painted paint(Bytes image, Bytes mask, const Options& options, const Progress& progress) override {
    Request request;
    request.image = EncodedFile{image};
    request.mask = EncodedFile{mask};
    request.options = options;
    request.progress = static_cast<bool>(progress);
    const TimePoint deadline = Clock::now() + settings_.timeout;

    for (int attempt = 0;; ++attempt) {
      request.id = "inpaint-" + unique_id();
      request.timeout = std::max(1ms, std::chrono::duration_cast<milliseconds>(deadline - Clock::now()));
      Ending ending = try_once(request, progress, deadline);
      if (const auto* painted = std::get_if<Painted>(&ending)) return *painted;
      const Error& error = std::get<Error>(ending);
      const auto wait = retry_wait(error, attempt, random_part());
      if (!wait || attempt >= settings_.retries || Clock::now() + *wait >= deadline) return refused(error);
      if (progress) progress(describe_retry(error, *wait));
      if (!sleep(*wait)) return interrupted();
    }
  }

 private:
  /// One try: settled one way or the other, or an error of the service, which may be worth another try.
  using Ending = std::variant<Painted, Error>;

  Ending try_once(const Request& request, const Progress& progress, TimePoint deadline) {
    const std::string payload = wire::encode_request(request);
    if (Status fits = check_payload(connection_, payload.size()); !fits) return Painted(refused(fits.error()));

    const auto mailbox = std::make_shared<Mailbox>();
    const std::string inbox = connection_.new_inbox();
    auto subscription = connection_.subscribe(inbox, "", [mailbox](Message m) { mailbox->put(std::move(m)); });
    if (!subscription) return Painted(PaintFailure{subscription.error().message, exit_no_service});
    const std::string subject = run_subject(settings_.prefix, settings_.priority);
    if (Status sent = connection_.publish(subject, as_bytes(payload), {}, inbox); !sent)
      return Painted(PaintFailure{sent.error().message, exit_no_service});

    while (Clock::now() < deadline + grace) {
      if (interrupt_.requested()) return Painted(give_up(request.id));
      const auto message = mailbox->take(poll);
      if (!message) continue;
      if (auto ending = read(*message, progress)) return std::move(*ending);
    }
    return Painted(PaintFailure{"no answer in time: the service took the request and is gone, or the network is"});
  }

  /// Nothing for messages of progress.
  std::optional<Ending> read(const Message& message, const Progress& progress) const {
    if (message.no_responders())
      return Painted(PaintFailure{"no inpainting service listens on " +
                                      run_subject(settings_.prefix, settings_.priority) + " at " +
                                      connection_.connected_url() + ": start inpaintd, or add --local",
                                  exit_no_service});
    auto reply = wire::decode_reply(message.data());
    if (!reply) return Painted(PaintFailure{"cannot read the service's answer: " + reply.error().message});
    if (const auto* failed = std::get_if<wire::Failed>(&*reply)) return failed->error;
    if (progress) progress(describe_progress(*reply));
    const auto* done = std::get_if<wire::Done>(&*reply);
    if (done == nullptr) return std::nullopt;
    return Painted(std::string(done->image.begin(), done->image.end()));
  }

  PaintFailure give_up(const std::string& id) {
    const std::string cancel = wire::encode_cancel(id);
    // Best effort: we leave either way.
    if (connection_.publish(cancel_subject(settings_.prefix), as_bytes(cancel))) (void)connection_.flush(1s);
    return interrupted();
  }

  [[nodiscard]] bool sleep(milliseconds duration) const {
    for (const TimePoint end = Clock::now() + duration; Clock::now() < end;) {
      if (interrupt_.requested()) return false;
      std::this_thread::sleep_for(std::min<Clock::duration>(poll, end - Clock::now()));
    }
    return true;
  }

  Connection& connection_;
  const RemoteSettings settings_;
  const Interrupt& interrupt_;
};

}  // namespace

std::unique_ptr<Painter> make_remote_painter(Connection& connection, RemoteSettings settings,
                                             const Interrupt& interrupt) {
  return std::make_unique<RemotePainter>(connection, std::move(settings), interrupt);
}

}  // namespace inpaintd::tools
