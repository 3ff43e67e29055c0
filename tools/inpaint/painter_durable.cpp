// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "bus/jobs.h"
#include "bus/subjects.h"
#include "core/time.h"
#include "tools/inpaint/job_id.h"
#include "tools/inpaint/job_text.h"
#include "tools/inpaint/painter.h"
#include "tools/inpaint/patience.h"
#include "tools/inpaint/stored_inputs.h"
#include "tools/shared/interrupt.h"

namespace inpaintd::tools {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds call_timeout{10'000};     // of an operation on a job
constexpr milliseconds picture_timeout{60'000};  // for storing or reading a picture
/// How often one call starts a job again whose pictures or result were removed while it waited.
constexpr int restarts_max = 3;
/// The time before it, in which the worker removes the pictures that the job had.
constexpr milliseconds restart_wait{500};

/// Whether the same job may end well when it is started again. Its pictures, which may have been removed, are stored
/// again.
bool can_start_again(const Error& error) {
  return info(error.code).retryable || error.code == ErrorCode::cancelled || error.code == ErrorCode::object_not_found;
}

/// One picture on its way through its job.
class JobRun {
 public:
  JobRun(Connection& connection, const DurableSettings& settings, Request request, Patience patience,
         const Painter::Progress& progress)
      : connection_(connection),
        settings_(settings),
        jobs_(connection, settings.prefix, call_timeout),
        bucket_(connection, std::string(pictures_bucket), picture_timeout),
        request_(std::move(request)),
        patience_(std::move(patience)),
        progress_(progress) {}

  Painted paint() {
    if (Status begun = begin(); !begun) return failure(begun.error());
    for (int restarts = 0;; ++restarts) {
      const auto ended = wait();
      if (!ended && ended.error().code != ErrorCode::object_not_found) return failure(ended.error());
      if (ended && !*ended) return failure({});
      Painted painted = ended ? end_of(**ended) : lost("the state of the job was removed");
      if (!lost_ || restarts == restarts_max) return painted;
      report(painted.error().message + "; the job is started again");
      if (!pause(restart_wait, patience_.stop())) return failure({});
      if (Status again = start(ended ? *ended : std::nullopt); !again) return failure(again.error());
    }
  }

 private:
  using State = Jobs::State;

  /// Makes the job, or starts it again if it ended in an earlier run without a picture and may end well.
  Status begin() {
    const auto present = patience_([&] { return jobs_.state(request_.id); });
    if (!present) return present.error();
    report(*present ? "found again" : "new");
    made_ = present->has_value();
    if (!*present) return start(std::nullopt);
    const auto* failed = std::get_if<wire::Failed>(&(*present)->reply);
    if (failed != nullptr && can_start_again(failed->error)) {
      report(fmt::format("its last end was {}; it is started again", info(failed->error.code).name));
      return start(*present);
    }
    // An earlier run may have ended before it sent the job.
    if (!(*present)->is_final() && (*present)->deliveries == 0) return start(std::nullopt);
    return Ok{};
  }

  /// Stores the pictures, and makes the job, or starts it again after the end `ended`.
  Status start(const std::optional<State>& ended) {
    if (Status stored = store(ended.has_value()); !stored) return stored;
    const auto started = patience_([&]() -> Result<bool> {
      if (!ended) return jobs_.submit(request_, settings_.priority);
      const auto again = jobs_.submit_again(request_, settings_.priority, *ended);
      // Another client, or an attempt whose answer was lost, has started the job; its message may still be missing.
      return !again || *again ? again : jobs_.submit(request_, settings_.priority);
    });
    made_ = bool(started);
    return started ? Status(Ok{}) : started.error();
  }

  /// `again`: also if an object of this name exists, because a worker may be about to remove it.
  Status store(bool again) {
    const ObjectName image = job_image(request_.id), mask = job_mask(request_.id);
    const auto present = [&](const ObjectName& object) { return bool(bucket_.info(object.name)); };
    if (!again && present(image) && present(mask)) {
      request_.image_at = image;
      request_.mask_at = mask;
      return Ok{};
    }
    return patience_([&] { return store_inputs(bucket_, request_, image, mask); });
  }

  Result<std::optional<State>> wait() {
    return patience_([&] {
      return jobs_.wait(request_.id, patience_.deadline(), patience_.stop(),
                        [this](const State& state) { report(describe_job(state)); });
    });
  }

  /// The picture or failure that the job ended with. Sets `lost_` when a new start may help.
  Painted end_of(const State& ended) {
    lost_ = false;
    if (const auto* failed = std::get_if<wire::Failed>(&ended.reply)) return failed_with(failed->error);
    const auto& done = std::get<wire::Done>(ended.reply);
    if (!done.result)
      return PaintFailure{fmt::format("the job {} is done but has no result; update the workers", request_.id)};
    ObjectStore bucket(connection_, done.result->bucket, picture_timeout);
    auto file = patience_([&] { return bucket.get(done.result->name); });
    if (file) return tell_exact(Painting{std::move(*file), done.exact, done.notes}, progress_);
    if (file.error().code == ErrorCode::object_not_found) return lost("the result of the job was removed");
    return failure(file.error());
  }

  PaintFailure failed_with(const Error& error) {
    PaintFailure failure = service_failure(error);
    if (error.code == ErrorCode::object_not_found) return lost(failure.message);
    if (can_start_again(error))
      failure.message += fmt::format("; the same command starts the job {} again", request_.id);
    return failure;
  }

  PaintFailure lost(std::string message) {
    lost_ = true;
    return {std::move(message)};
  }

  /// The failure of this run, while the job may go on.
  [[nodiscard]] PaintFailure failure(const Error& error) const {
    const std::string& id = request_.id;
    if (patience_.stopped())
      return {made_ ? fmt::format("interrupted; the job {} goes on, and the same command goes on with it", id)
                    : fmt::format("interrupted before the job {} was made; run the same command again", id),
              exit_interrupted};
    if (patience_.late())
      return {made_ ? fmt::format("the job {0} has not ended within --timeout, and goes on; look at it with `inpaint "
                                  "jobs show {0}`, or get its picture with the same command",
                                  id)
                    : fmt::format("the job {} could not be made within --timeout; run the same command again", id)};
    if (connection_.closed()) return {connection_.last_error(), exit_no_service};
    return service_failure(error);
  }

  void report(const std::string& text) const {
    if (progress_) progress_(fmt::format("job {}: {}", request_.id, text));
  }

  Connection& connection_;
  const DurableSettings& settings_;
  Jobs jobs_;
  ObjectStore bucket_;
  Request request_;
  Patience patience_;
  const Painter::Progress& progress_;
  bool made_ = false;
  bool lost_ = false;
};

class DurablePainter : public Painter {
 public:
  DurablePainter(Connection& connection, DurableSettings settings, const Interrupt& interrupt)
      : connection_(connection), settings_(std::move(settings)), interrupt_(interrupt) {}

  Painted paint(Bytes image, Bytes mask, const Options& options, const Progress& progress) override {
    Request request;
    request.id = job_id(settings_.owner, image, mask, options);
    request.image = EncodedFile{image};
    request.mask = EncodedFile{mask};
    request.options = options;
    const TimePoint deadline = settings_.wait_max ? Clock::now() + *settings_.wait_max : TimePoint::max();
    Patience patience(connection_, deadline, interrupt_.token());
    return JobRun(connection_, settings_, std::move(request), std::move(patience), progress).paint();
  }

 private:
  Connection& connection_;
  const DurableSettings settings_;
  const InterruptWatch interrupt_;
};

}  // namespace

Result<std::unique_ptr<Painter>, PaintFailure> make_durable_painter(Connection& connection, DurableSettings settings,
                                                                    const Interrupt& interrupt) {
  std::optional<std::string> problem;
  if (const Status possible = Jobs(connection, settings.prefix, call_timeout).check(); !possible)
    problem = possible.error().message;
  if (!problem) problem = bucket_problem({connection, std::string(pictures_bucket), call_timeout});
  if (problem)
    return PaintFailure{fmt::format("no durable job can be made at {}: {}", connection.servers(), *problem),
                        exit_no_service};
  return std::unique_ptr<Painter>(std::make_unique<DurablePainter>(connection, std::move(settings), interrupt));
}

}  // namespace inpaintd::tools
