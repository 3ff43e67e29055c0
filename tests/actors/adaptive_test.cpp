// SPDX-License-Identifier: Apache-2.0
// The batcher with measured times: batch sizes, waits, refusals, forecasts.
#include <doctest/doctest.h>

#include "tests/actors/batcher_fixture.h"

using namespace inpaintd;
using namespace inpaintd::test;

namespace {

using Ids = std::vector<std::string>;

constexpr Size tile{64, 64};
const std::vector<Measurement> batches_pay{{tile, 1, 10ms}, {tile, 2, 12ms}, {tile, 4, 16ms}};
const std::vector<Measurement> batches_do_not_pay{{tile, 1, 100ms}, {tile, 2, 199ms}, {tile, 4, 398ms}};

struct AdmissionFixture : BatcherFixture {
  explicit AdmissionFixture(std::shared_ptr<Admission> door = std::make_shared<Admission>(1, 1000))
      : BatcherFixture(adaptive(), door), admission(std::move(door)) {}
  const std::shared_ptr<Admission> admission;
};

}  // namespace

TEST_CASE_FIXTURE(AdaptiveFixture,
                  "where larger batches do not raise the throughput, tiles run one by one without waiting") {
  ManualDevice device(*this, batcher);
  device.enlist(batches_do_not_pay);
  for (const char* id : {"a", "b", "c"}) send(job(id));
  CHECK(device.last_ids() == Ids{"a"});
  device.finish(100ms);
  CHECK(device.last_ids() == Ids{"b"});
  device.finish(100ms);
  CHECK(device.last_ids() == Ids{"c"});
}

TEST_CASE_FIXTURE(AdaptiveFixture,
                  "where batches raise the throughput, tiles that arrive while the device works run in one batch") {
  ManualDevice device(*this, batcher);
  device.enlist(batches_pay);
  for (const char* id : {"a", "b", "c", "d", "e", "f"}) send(job(id));
  CHECK(device.last_ids() == Ids{"a"});
  device.finish(10ms);
  CHECK(device.last_ids() == Ids{"b", "c", "d", "e"});
}

TEST_CASE_FIXTURE(AdaptiveFixture, "a device that is measured to gain from batches gets batches") {
  ManualDevice device(*this, batcher);
  device.enlist(batches_do_not_pay);
  // The count was measured at a bad moment. Every count is tried again at times, so its true time is learnt.
  for (int batch = 0; batch < 500; ++batch) {
    for (int i = 0; i < 4; ++i) send(job("x", {.timeout = 600s}));
    device.finish(8ms + 2ms * device.batches.back()->size());
  }
  CHECK(device.batches.back()->size() == 4);
}

TEST_CASE_FIXTURE(AdaptiveFixture, "a request that certainly cannot be done before its deadline is refused at once") {
  ManualDevice device(*this, batcher);
  device.enlist(batches_do_not_pay);
  send(job("a"));
  send(job("b"));
  CHECK(device.last_ids() == Ids{"a"});
  // 100 ms for a, about 100 ms for b, and 100 ms for the request itself.
  send(job("hopeless", {.timeout = 290ms}));
  CHECK(ends() == Ids{"hopeless: deadline_exceeded"});
  CHECK(outcomes[0].error()->message.find("300 ms") != std::string::npos);
  send(job("hopeful", {.timeout = 310ms}));
  CHECK(ends().size() == 1);
}

TEST_CASE_FIXTURE(AdaptiveFixture,
                  "requests behind a more urgent request do not count when the urgent request is admitted") {
  ManualDevice device(*this, batcher);
  device.enlist(batches_do_not_pay);
  for (int i = 0; i < 20; ++i) send(job(std::to_string(i)));
  send(job("high", {.timeout = 400ms, .priority = Priority::high}));
  CHECK(ends().empty());
  device.finish(100ms);
  CHECK(device.last_ids() == Ids{"high"});
}

TEST_CASE_FIXTURE(AdaptiveFixture, "an idle device tries a request that is expected to miss its deadline") {
  ManualDevice device(*this, batcher);
  device.enlist(batches_do_not_pay);
  send(job("a", {.timeout = 1ms}));
  CHECK(ends().empty());
  CHECK(device.last_ids() == Ids{"a"});
}

TEST_CASE_FIXTURE(AdaptiveFixture, "without measurements, no request is refused for its deadline") {
  ManualDevice device(*this, batcher);
  device.enlist();
  for (int i = 0; i < 8; ++i) send(job(std::to_string(i), {.timeout = 10ms}));
  CHECK(ends().empty());
}

TEST_CASE_FIXTURE(AdaptiveFixture, "two idle devices share the tiles that arrive together") {
  ManualDevice first(*this, batcher), second(*this, batcher);
  first.enlist(batches_pay);
  second.enlist();
  send(job("large", {.tiles = 4}));
  REQUIRE(first.batches.size() == 1);
  REQUIRE(second.batches.size() == 1);
  CHECK(first.batches[0]->size() == 2);
  CHECK(second.batches[0]->size() == 2);
}

TEST_CASE_FIXTURE(AdaptiveFixture, "after a batch ran out of memory, the batches of that device are smaller") {
  ManualDevice device(*this, batcher);
  device.enlist(batches_pay);
  for (int i = 0; i < 12; ++i) send(job(std::to_string(i)));
  device.finish(10ms);
  REQUIRE(device.batches.back()->size() == 4);
  device.finish_with({tile, 4, 50ms, false, 4});
  // The next batch was made before memory ran out.
  CHECK(device.batches.back()->size() == 4);
  device.finish_with({tile, 4, 50ms, false, 4});
  CHECK(device.batches.back()->size() == 2);
}

TEST_CASE_FIXTURE(AdaptiveFixture,
                  "the eta of a progress message counts all work ahead, on the device and in the queues") {
  ManualDevice device(*this, batcher);
  device.enlist(batches_do_not_pay);
  send(job("a"));
  send(job("b"));
  send(job("c", {.size = {128, 64}}));
  send(job("told", {.progress = true}));
  REQUIRE(progress.size() == 1);
  CHECK(progress[0].position == 2);
  // a takes 100 ms, b 99.5 ms, c twice the pixels, and the request itself 100 ms.
  CHECK(progress[0].eta == 499ms);
}

TEST_CASE_FIXTURE(AdmissionFixture, "a refused request is told to come back when half of the work ahead is done") {
  ManualDevice device(*this, batcher);
  device.enlist(batches_do_not_pay);
  for (int i = 0; i < 12; ++i) send(job(std::to_string(i)));
  const auto place = admission->reserve(1);
  device.finish(100ms);
  const auto refused = admission->reserve(1);
  REQUIRE(!refused);
  // One request runs and is expected to take 100 ms; ten requests wait, with 99.5 ms each.
  CHECK(refused.error().retry_after == 548ms);
}
