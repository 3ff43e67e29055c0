// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "bus/call.h"
#include "bus/subjects.h"
#include "bus/wire/wire.h"
#include "core/time.h"
#include "image/patch.h"
#include "tools/inpaint/painter.h"
#include "tools/shared/payload.h"
#include "tools/shared/progress.h"
#include "tools/shared/retry.h"

namespace inpaintd::tools {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr milliseconds poll = 50ms;             // time until Ctrl-C takes effect
constexpr std::size_t message_overhead = 1024;  // of an answer, beside its picture
constexpr milliseconds grace = 5s;  // after the deadline: the service answers when a batch that runs then is done

/// A random number in 0..1, with a generator of its own in each thread, for the jitter of back-offs.
double random_part() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(random);
}

PaintFailure interrupted() { return {"interrupted; the request is cancelled", exit_interrupted}; }

PaintFailure failure_of(const Error& error) { return {fmt::format("{}: {}", info(error.code).name, error.message)}; }

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
    const bool whole = options.region == Region::full;
    if (whole && too_large_for_message(image, options)) request.options = lossless_patch(options);
    const TimePoint deadline = Clock::now() + settings_.timeout;

    for (int attempt = 0;; ++attempt) {
      request.id = "inpaint-" + unique_id();
      request.timeout = std::max(1ms, std::chrono::duration_cast<milliseconds>(deadline - Clock::now()));
      Ending ending = try_once(request, progress, deadline);
      if (const auto* failure = std::get_if<PaintFailure>(&ending)) return *failure;
      const bool patch = whole && request.options.region == Region::patch;
      if (const auto* answer = std::get_if<Answer>(&ending))
        return tell(
            patch ? pasted(request, *answer, options) : Painted(Painting{answer->image, answer->exact, answer->notes}),
            progress);
      const Error& error = std::get<Error>(ending);
      if (error.code == ErrorCode::too_large && whole && !patch) {
        if (progress) progress("the whole picture does not fit into a message; asking for the part that changes");
        request.options = lossless_patch(options);
        continue;
      }
      const auto wait = retry_wait(error, attempt, random_part());
      if (!wait || attempt >= settings_.retries || Clock::now() + *wait >= deadline) return failure_of(error);
      if (progress) progress(describe_retry(error, *wait));
      if (!sleep(*wait)) return interrupted();
    }
  }

 private:
  struct Answer {
    std::string image;
    Rect region;
    std::optional<Exact> exact;
    std::vector<Note> notes;
  };
  /// The end of one attempt: the picture, a failure of the program, or an error of the service, which may be retryable.
  using Ending = std::variant<Answer, PaintFailure, Error>;

  /// Whether the whole picture is likely not to fit into a message as an answer.
  [[nodiscard]] bool too_large_for_message(Bytes image, const Options& options) const {
    const auto bytes = estimated_answer_bytes(image, options);
    return bytes && !check_payload(connection_, *bytes + message_overhead);
  }

  static Options lossless_patch(Options options) {
    options.format = Format::png;
    options.region = Region::patch;
    options.quality.reset();
    options.lossless.reset();
    return options;
  }

  static Painted pasted(const Request& request, const Answer& patch, const Options& options) {
    const Bytes image = std::get<EncodedFile>(request.image).data;
    auto whole = paste_patch(image, as_bytes(patch.image), patch.region, request.mask, options);
    if (!whole) return failure_of(whole.error());
    Painting painting{std::move(whole->bytes), whole->exact, patch.notes};
    std::ranges::move(whole->notes, std::back_inserter(painting.notes));
    return painting;
  }

  static Painted tell(Painted painted, const Progress& progress) {
    if (progress && painted && painted->exact) progress(describe(*painted->exact));
    return painted;
  }

  Ending try_once(const Request& request, const Progress& progress, TimePoint deadline) {
    const std::string payload = wire::encode_request(request);
    if (Status fits = check_payload(connection_, payload.size()); !fits) return failure_of(fits.error());

    auto call = Call::start(connection_, run_subject(settings_.prefix, settings_.priority), as_bytes(payload));
    if (!call) return PaintFailure{call.error().message, exit_no_service};
    while (Clock::now() < deadline + grace) {
      if (interrupt_.requested()) return cancel(request.id);
      const auto message = call->next(poll);
      if (!message) return PaintFailure{message.error().message, exit_no_service};
      if (!*message) continue;
      if (auto ending = read(**message, request.id, progress)) return std::move(*ending);
    }
    return PaintFailure{
        "no answer arrived before the deadline; check that the service and the network are up, or raise --timeout"};
  }

  /// Returns nothing for a message of progress, and for one that does not concern the request.
  std::optional<Ending> read(const Message& message, const std::string& id, const Progress& progress) const {
    if (message.no_responders())
      return PaintFailure{fmt::format("no inpainting service listens on {} at {}; start inpaintd, or add --local",
                                      run_subject(settings_.prefix, settings_.priority), connection_.connected_url()),
                          exit_no_service};
    if (!wire::concerns(message.data(), id)) return std::nullopt;
    auto reply = wire::decode_reply(message.data());
    if (!reply)
      return PaintFailure{fmt::format(
          "the answer of the service cannot be decoded: {}; use an inpaint of the same version as the service",
          reply.error().message)};
    if (const auto* failed = std::get_if<wire::Failed>(&*reply)) return failed->error;
    if (progress) progress(describe_progress(*reply));
    const auto* done = std::get_if<wire::Done>(&*reply);
    if (done == nullptr) return std::nullopt;
    return Answer{std::string(done->image.begin(), done->image.end()), done->region, done->exact, done->notes};
  }

  PaintFailure cancel(const std::string& id) {
    const std::string message = wire::encode_cancel(id);
    // The program ends even when the message cannot be sent.
    if (connection_.publish(cancel_subject(settings_.prefix), as_bytes(message))) (void)connection_.flush(1s);
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
