// SPDX-License-Identifier: Apache-2.0
// Identical requests share one computation and the cache of results.
#include "tests/actors/reuse_fixture.h"

namespace inpaintd::test {
namespace {

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
  send("late");  // no run is left to follow, and there is no cache
  CHECK(take() == Ids{"late"});
}

TEST_CASE_FIXTURE(ReuseFixture,
                  "a follower's reply has its own times, and names the batch, device and model of its picture") {
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

TEST_CASE_FIXTURE(
    ReuseFixture,
    "a request with an earlier deadline than the leader runs itself, and its answer also ends the leader") {
  send("lazy", {.timeout = 60'000ms});
  send("hasty", {.timeout = 1000ms});
  send("follower", {.timeout = 60'000ms});
  CHECK(take() == Ids{"hasty"});
  deliver();
  CHECK(log() == Lines{"follower: done cached", "hasty: done", "lazy: done cached"});
  CHECK(take().empty());  // nothing is left to compute
  CHECK(admission->requests() == 0);
}

TEST_CASE_FIXTURE(ReuseFixture, "a request of high priority does not follow one of low priority") {
  send("low", {.priority = Priority::low});
  send("high", {.priority = Priority::high});
  CHECK(take() == Ids{"high"});
  SUBCASE("the answer of the urgent run serves both") {
    deliver();
    CHECK(log() == Lines{"high: done", "low: done cached"});
    CHECK(take().empty());
  }
  SUBCASE("the other run goes on when the urgent run fails") {
    fail(ErrorCode::device_failed);
    CHECK(log() == Lines{"high: device_failed"});
    CHECK(take() == Ids{"low"});
    deliver();
    CHECK(log() == Lines{"high: device_failed", "low: done"});
  }
  CHECK(admission->requests() == 0);
}

TEST_CASE_FIXTURE(
    ReuseFixture,
    "of two runs of identical requests, the first to finish answers both, and the other result is dropped") {
  ManualDevice second(*this, batcher);
  send("low", {.priority = Priority::low});
  CHECK(take() == Ids{"low"});
  send("high", {.priority = Priority::high});
  second.ask();
  CHECK(second.last_ids() == Ids{"high"});
  deliver(7);  // the run of low started first and finishes first
  CHECK(log() == Lines{"high: done cached", "low: done"});
  const Task task = second.batches.back()->front();
  CHECK_FALSE(task.job->deliver(0, Pixels(64, 64, 3, 9), {{1, "manual", "test"}, now(), {}}));
  CHECK(admission->requests() == 0);
}

TEST_CASE_FIXTURE(
    ReuseFixture,
    "followers that asked for progress get the leader's progress under their own ids, and the final message last") {
  send("a", {.progress = true});
  send("b", {.progress = true});
  send("quiet");
  CHECK(take() == Ids{"a"});
  send("late", {.progress = true});
  deliver();
  CHECK(log() == Lines{"a: queued", "a: running", "a: done", "b: queued", "b: running", "b: done cached",
                       "late: running", "late: done cached", "quiet: done cached"});
}

TEST_CASE_FIXTURE(ReuseFixture, "progress that arrives after the final message is not sent") {
  send("low", {.priority = Priority::low, .progress = true});
  send("high", {.priority = Priority::high});
  CHECK(take() == Ids{"high"});
  const JobPtr low = device->next->take()->front().job;  // the next batch of the device
  deliver();
  repliers_->send(Progress{low->ticket(), true, 0, {}, 1, "manual"});
  run();
  CHECK(log() == Lines{"high: done", "low: queued", "low: done cached"});
}

struct CachingFixture : ReuseFixture {
  CachingFixture() : ReuseFixture(40'000) {}  // three pictures of 64 * 64 * 3 bytes
};

TEST_CASE_FIXTURE(CachingFixture,
                  "a request whose result is in the cache is answered at once, without decoding or computing") {
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

TEST_CASE_FIXTURE(CachingFixture, "errors are not cached, and the oldest results leave a full cache first") {
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
