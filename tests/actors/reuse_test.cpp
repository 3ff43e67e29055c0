// SPDX-License-Identifier: Apache-2.0
// Identical requests through the whole pipeline: ingresses, batcher and repliers are real, the device does as told.
#include "actors/reuse.h"

#include <algorithm>

#include "actors/batcher.h"
#include "actors/gate.h"
#include "actors/ingress.h"
#include "bus/wire/wire.h"
#include "tests/actors/fixture.h"
#include "tests/actors/message.h"

namespace inpaintd::test {
namespace {

struct Wish {
  std::uint8_t shade = 100;  ///< of the picture: another shade is another request
  std::chrono::milliseconds timeout{60'000};
  Priority priority = Priority::normal;
  bool progress = false;
  std::string mask_file;  ///< not empty: the mask is this file
};

struct Reply {
  std::string inbox;
  std::string what;  ///< "done", "done cached", "queued", "running" or the error's name
  std::string image;
};

class ReuseFixture : public ActorFixture {
 public:
  explicit ReuseFixture(std::size_t result_bytes_max = 0)
      : reuse(std::make_shared<Reuse>(inpaintd::Config::Cache{.bytes_max = result_bytes_max, .mask_bytes_max = 0},
                                      metrics)) {
    const Publish publish = [this](const std::string& inbox, Bytes data, const Headers&) { return note(inbox, data); };
    std::vector<caf::actor> actors;
    const auto outbox = std::make_shared<const Outbox>(publish, metrics);
    for (int i = 0; i < 3; ++i)
      actors.push_back(system.spawn<Replier>(Replier::Parts{"test", outbox, metrics, reuse, intake}));
    repliers_ = std::make_unique<Repliers>(actors);
    DispatcherSettings settings;
    settings.size_max = 1;
    settings.wait_max = 0ms;
    batcher = system.spawn<Batcher>(settings, *repliers_, nullptr, nullptr, cancellations);
    all_ = actors;
    for (int i = 0; i < 2; ++i)
      all_.push_back(
          system.spawn<Ingress>(IngressSettings{}, Ingress::Parts{intake, cancellations, reuse, *repliers_, batcher}));
    all_.push_back(batcher);
    gate = std::make_unique<Gate>(
        Gate::Parts{admission, intake, cancellations, reuse, outbox, metrics, *repliers_, batcher});
    device = std::make_unique<ManualDevice>(*this, batcher);
  }
  ~ReuseFixture() {
    device.reset();
    for (const auto& actor : all_) exit(actor);
    run();
  }

  /// Lets a request come in; its id is its inbox.
  void send(const std::string& id, const Wish& wish = {}) {
    const Pixels picture(64, 64, 3, wish.shade);
    Request request;
    request.id = id;
    request.image = RawPixels{64, 64, picture.bytes};
    request.mask = RectMask{{{8, 8, 16, 16}}};
    if (!wish.mask_file.empty()) request.mask = EncodedFile{as_bytes(wish.mask_file)};
    request.timeout = wish.timeout;
    request.progress = wish.progress;
    auto place = admission->reserve(1);
    REQUIRE(place);
    intake->put(Envelope{make_message("run", id, wire::encode_request(request)), wish.priority, now(), *place});
    run();
  }
  void cancel(const std::string& id) {
    gate->cancel(make_message("cancel", "", wire::encode_cancel(id)));
    run();
  }
  /// The ids of the next batch that the device takes, if there is one for it.
  std::vector<std::string> take() {
    while (true) {
      if (device->batches.size() == taken_) device->ask();
      if (device->batches.size() == taken_) return {};
      std::vector<std::string> ids;
      for (const Task& task : *device->batches[taken_])
        if (!task.job->ended()) ids.push_back(task.job->ticket().id);  // a device skips the others
      ++taken_;
      if (!ids.empty()) return ids;
    }
  }
  /// The device answers what it took last with a picture of this shade.
  void deliver(std::uint8_t shade = 7) {
    const BatchFacts facts{device->batches.back()->size(), "manual", "test", now(), Microseconds(5)};
    for (const Task& task : *device->batches.back()) {
      const Size size = task.input().network_size();
      if (auto outcome = task.job->deliver(task.tile, Pixels(size.width, size.height, 3, shade), facts))
        repliers_->send(std::move(*outcome));
    }
    run();
  }
  void fail(ErrorCode code) {
    for (const Task& task : *device->batches.back())
      if (auto outcome = task.job->fail({code, "as told"})) repliers_->send(std::move(*outcome));
    run();
  }

  /// "inbox: what" of all replies: inbox by inbox, each in order.
  [[nodiscard]] std::vector<std::string> log() const {
    auto sorted = replies;
    std::ranges::stable_sort(sorted, {}, &Reply::inbox);
    std::vector<std::string> lines;
    for (const Reply& each : sorted) lines.push_back(each.inbox + ": " + each.what);
    return lines;
  }

  std::shared_ptr<Metrics> metrics = std::make_shared<Metrics>();
  std::shared_ptr<Admission> admission = std::make_shared<Admission>(100, 1 << 20);
  std::shared_ptr<Intake> intake = std::make_shared<Intake>(2);
  std::shared_ptr<Cancellations> cancellations = std::make_shared<Cancellations>();
  std::shared_ptr<Reuse> reuse;
  caf::actor batcher;
  std::unique_ptr<Gate> gate;
  std::unique_ptr<ManualDevice> device;
  std::vector<Reply> replies;

 protected:
  std::unique_ptr<Repliers> repliers_;

 private:
  Status note(const std::string& inbox, Bytes data) {
    const auto reply = wire::decode_reply(data);
    REQUIRE(reply);
    if (const auto* done = std::get_if<wire::Done>(&*reply)) {
      CHECK(done->id == inbox);
      replies.push_back(
          {inbox, done->cached ? "done cached" : "done", std::string(done->image.begin(), done->image.end())});
      last_done = *done;
    } else if (const auto* failed = std::get_if<wire::Failed>(&*reply)) {
      CHECK(failed->id == inbox);
      replies.push_back({inbox, std::string(info(failed->error.code).name), {}});
    } else {
      replies.push_back({inbox, std::holds_alternative<wire::Queued>(*reply) ? "queued" : "running", {}});
    }
    return Ok{};
  }

  std::size_t taken_ = 0;
  std::vector<caf::actor> all_;

 public:
  wire::Done last_done;  ///< its image is gone
};

using Lines = std::vector<std::string>;
using Ids = std::vector<std::string>;

TEST_CASE_FIXTURE(ReuseFixture, "identical requests are computed once, and each gets an answer of its own") {
  send("a");
  send("b");
  send("other", {.shade = 101});
  send("c");
  CHECK(admission->requests() == 4);
  CHECK(take() == Ids{"a"});
  deliver();
  CHECK(log() == Lines{"a: done", "b: done cached", "c: done cached"});
  CHECK(admission->requests() == 1);
  for (const Reply& each : replies) CHECK(each.image == replies[0].image);
  CHECK(static_cast<std::uint8_t>(replies[2].image[3 * (10 * 64 + 10)]) == 7);
  CHECK(take() == Ids{"other"});
  deliver();
  CHECK(take().empty());
  CHECK(admission->requests() == 0);
  CHECK(metrics->done == 4);
  CHECK(metrics->followed == 2);
  send("late");  // nobody to follow any more, and no cache
  CHECK(take() == Ids{"late"});
}

TEST_CASE_FIXTURE(ReuseFixture, "a follower's reply has its own times and says what ran its picture") {
  send("a");
  advance(30ms);
  send("b");
  CHECK(take() == Ids{"a"});
  advance(20ms);
  deliver();
  CHECK(last_done.id == "b");
  CHECK(last_done.cached);
  CHECK(last_done.timings.total == 20ms);
  CHECK(last_done.timings.queue == 20ms);
  CHECK(last_done.timings.decode == 0us);
  CHECK(last_done.timings.infer == 0us);
  CHECK(last_done.batch_size == 1);
  CHECK(last_done.device == "manual");
  CHECK(last_done.model == "test");
}

TEST_CASE_FIXTURE(ReuseFixture,
                  "a leader that is cancelled leaves its followers: one runs, the others follow that one") {
  send("a");
  send("b");
  send("c");
  cancel("a");
  CHECK(log() == Lines{"a: cancelled"});
  CHECK(take() == Ids{"b"});
  deliver();
  CHECK(log() == Lines{"a: cancelled", "b: done", "c: done cached"});
  CHECK(take().empty());
  CHECK(admission->requests() == 0);
}

TEST_CASE_FIXTURE(ReuseFixture, "a follower can be cancelled; leader and other followers do not notice") {
  send("a");
  send("b");
  send("c");
  cancel("b");
  CHECK(log() == Lines{"b: cancelled"});
  CHECK(admission->requests() == 2);
  CHECK(take() == Ids{"a"});
  deliver();
  CHECK(log() == Lines{"a: done", "b: cancelled", "c: done cached"});
}

TEST_CASE_FIXTURE(ReuseFixture, "a cancel that overtakes its request is remembered for it") {
  cancel("a");
  send("a");
  CHECK(log() == Lines{"a: cancelled"});
  CHECK(take().empty());
  advance(10s);
  send("a");
  CHECK(take() == Ids{"a"});
}

TEST_CASE_FIXTURE(ReuseFixture, "a cancel that comes while its request is decoded finds it at the batcher's door") {
  Ticket ticket = job("a")->ticket();
  ticket.reply = ticket.id;
  cancellations->add("a", now());
  caf::anon_send(batcher, std::make_shared<Job>(ticket, std::make_shared<const Input>(job("a")->input()), 0us));
  run();
  CHECK(log() == Lines{"a: cancelled"});
}

TEST_CASE_FIXTURE(ReuseFixture, "when the leader's time is over the followers have theirs still") {
  send("a", {.timeout = 1000ms});
  send("b", {.timeout = 3000ms});
  send("c", {.timeout = 2000ms});
  advance(1000ms);
  CHECK(log() == Lines{"a: deadline_exceeded"});
  // b starts first; c has less time than b and does not wait for it.
  advance(1000ms);
  CHECK(log() == Lines{"a: deadline_exceeded", "c: deadline_exceeded"});
  CHECK(take() == Ids{"b"});
  deliver();
  CHECK(log() == Lines{"a: deadline_exceeded", "b: done", "c: deadline_exceeded"});
  CHECK(admission->requests() == 0);
}

TEST_CASE_FIXTURE(ReuseFixture, "a follower that starts anew too late is answered so") {
  send("a", {.timeout = 1000ms});
  send("b", {.timeout = 1000ms});
  advance(1000ms);
  CHECK(log() == Lines{"a: deadline_exceeded", "b: deadline_exceeded"});
}

TEST_CASE_FIXTURE(ReuseFixture,
                  "who has less time than the leader runs itself, and its answer ends the leader's wait") {
  send("lazy", {.timeout = 60'000ms});
  send("hasty", {.timeout = 1000ms});
  send("follower", {.timeout = 60'000ms});
  CHECK(take() == Ids{"hasty"});
  deliver();
  CHECK(log() == Lines{"follower: done cached", "hasty: done", "lazy: done cached"});
  CHECK(take().empty());  // nothing is left to compute
  CHECK(admission->requests() == 0);
}

TEST_CASE_FIXTURE(ReuseFixture, "an urgent request does not wait for one of low priority") {
  send("low", {.priority = Priority::low});
  send("high", {.priority = Priority::high});
  CHECK(take() == Ids{"high"});
  SUBCASE("its answer serves both") {
    deliver();
    CHECK(log() == Lines{"high: done", "low: done cached"});
    CHECK(take().empty());
  }
  SUBCASE("when it fails the other runs on") {
    fail(ErrorCode::device_failed);
    CHECK(log() == Lines{"high: device_failed"});
    CHECK(take() == Ids{"low"});
    deliver();
    CHECK(log() == Lines{"high: device_failed", "low: done"});
  }
  CHECK(admission->requests() == 0);
}

TEST_CASE_FIXTURE(ReuseFixture, "the answer of a run that is beaten on the device is not used, nor is it missed") {
  ManualDevice second(*this, batcher);
  send("low", {.priority = Priority::low});
  CHECK(take() == Ids{"low"});
  send("high", {.priority = Priority::high});
  second.ask();
  CHECK(second.last_ids() == Ids{"high"});
  deliver(7);  // low was started before, and is done before
  CHECK(log() == Lines{"high: done cached", "low: done"});
  const Task task = second.batches.back()->front();
  CHECK_FALSE(task.job->deliver(0, Pixels(64, 64, 3, 9), {1, "manual", "test", now(), {}}));
  CHECK(admission->requests() == 0);
}

TEST_CASE_FIXTURE(ReuseFixture, "what fails on a device fails for all who follow: the same bytes would fail again") {
  send("a");
  send("b");
  send("c");
  CHECK(take() == Ids{"a"});
  fail(ErrorCode::device_failed);
  CHECK(log() == Lines{"a: device_failed", "b: device_failed", "c: device_failed"});
  CHECK(take().empty());
  CHECK(admission->requests() == 0);
  CHECK(metrics->failed(ErrorCode::device_failed) == 3);
}

TEST_CASE_FIXTURE(ReuseFixture, "abandoning answers followers, too") {
  send("a");
  send("b");
  caf::anon_send(batcher, abandon_atom_v);
  run();
  CHECK(log() == Lines{"a: shutting_down", "b: shutting_down"});
  CHECK(admission->requests() == 0);
}

TEST_CASE_FIXTURE(ReuseFixture,
                  "followers that asked for progress get the leader's, addressed to them, final message last") {
  send("a", {.progress = true});
  send("b", {.progress = true});
  send("quiet");
  CHECK(take() == Ids{"a"});
  send("late", {.progress = true});
  deliver();
  CHECK(log() == Lines{"a: queued", "a: running", "a: done", "b: queued", "b: running", "b: done cached",
                       "late: running", "late: done cached", "quiet: done cached"});
}

TEST_CASE_FIXTURE(ReuseFixture, "news that comes after the final message is not sent") {
  send("low", {.priority = Priority::low, .progress = true});
  send("high", {.priority = Priority::high});
  CHECK(take() == Ids{"high"});
  const JobPtr low = device->next->take()->front().job;  // prefetched
  deliver();
  repliers_->send(Progress{low->ticket(), true, 0, {}, 1, "manual"});
  run();
  CHECK(log() == Lines{"high: done", "low: queued", "low: done cached"});
}

TEST_CASE_FIXTURE(ReuseFixture, "a request that nothing can be made of leaves nothing that others could wait for") {
  send("a", {.mask_file = "no picture"});
  send("b", {.mask_file = "no picture"});
  CHECK(log() == Lines{"a: unsupported_image", "b: unsupported_image"});
  CHECK(reuse->flights.followers() == 0);
  CHECK(admission->requests() == 0);
}

struct CachingFixture : ReuseFixture {
  CachingFixture() : ReuseFixture(40'000) {}  // three pictures of 64 * 64 * 3 bytes
};

TEST_CASE_FIXTURE(CachingFixture, "a result that is kept is answered at once, without decoding or computing") {
  send("a");
  CHECK(take() == Ids{"a"});
  deliver();
  advance(5ms);
  send("b", {.timeout = 1ms, .priority = Priority::high});
  CHECK(log() == Lines{"a: done", "b: done cached"});
  CHECK(replies[0].image == replies[1].image);
  CHECK(last_done.device == "manual");
  CHECK(last_done.timings.infer == 0us);
  CHECK(take().empty());
  CHECK(metrics->result_hits == 1);
  CHECK(metrics->result_misses == 1);
  CHECK(admission->requests() == 0);
}

TEST_CASE_FIXTURE(CachingFixture, "errors are not kept, and old results make room") {
  send("a");
  (void)take();
  fail(ErrorCode::device_failed);
  for (const std::uint8_t shade : {100, 101, 102, 103}) {
    send("run", {.shade = shade});
    CHECK(take() == Ids{"run"});
    deliver();
  }
  send("kept", {.shade = 103});
  CHECK(replies.back().what == "done cached");
  send("gone", {.shade = 100});
  CHECK(replies.back().inbox == "kept");
  CHECK(take() == Ids{"gone"});
}

}  // namespace
}  // namespace inpaintd::test
