// SPDX-License-Identifier: Apache-2.0
// A device that does not come back.
#include "tests/actors/batcher_fixture.h"

using namespace inpaintd;
using namespace inpaintd::test;

namespace {

using Ids = std::vector<std::string>;

struct WatchdogFixture : BatcherFixture {
  WatchdogFixture() : BatcherFixture(settings()) {}
  static DispatcherSettings settings() {
    DispatcherSettings settings = fixed();
    settings.watchdog = 1000ms;
    return settings;
  }
  void send_four() {
    for (const char* id : {"a", "b", "c", "d"}) send(job(id));
  }
  /// Answers the tasks of send_four(), of which each must be a batch of its own.
  void run_four_alone(ManualDevice& device) {
    for (const char* id : {"a", "b", "c", "d"}) {
      CHECK(device.last_ids() == Ids{id});
      answer(device.batches.back(), 0);
      device.finish(3ms);
    }
  }
};

const std::vector<Measurement> fast{{{64, 64}, 4, 10ms}};
const std::vector<Measurement> slow{{{64, 64}, 4, 500ms}};

}  // namespace

TEST_CASE_FIXTURE(WatchdogFixture,
                  "the tasks of a batch that does not come back in time run alone on another device, and once") {
  ManualDevice first(*this, batcher), second(*this, batcher), third(*this, batcher);
  first.enlist(fast);
  send_four();
  advance(999ms);
  CHECK(first.hung == 0);
  advance(1ms);
  CHECK(first.hung == 1);
  CHECK(ends().empty());
  second.enlist();
  CHECK(second.last_ids() == Ids{"a"});
  advance(1000ms);
  CHECK(second.hung == 1);
  CHECK(ends() == Ids{"a: device_failed"});
  third.enlist();
  CHECK(third.last_ids() == Ids{"b"});
}

TEST_CASE_FIXTURE(WatchdogFixture, "a batch may take ten times its measured time") {
  ManualDevice device(*this, batcher);
  device.enlist(slow);
  send_four();
  advance(4999ms);
  CHECK(device.hung == 0);
  advance(1ms);
  CHECK(device.hung == 1);
}

TEST_CASE_FIXTURE(WatchdogFixture, "without measurements, a batch may take ten times the watchdog's time") {
  ManualDevice device(*this, batcher);
  device.enlist();
  send_four();
  advance(9999ms);
  CHECK(device.hung == 0);
  advance(1ms);
  CHECK(device.hung == 1);
}

TEST_CASE_FIXTURE(WatchdogFixture,
                  "the next batch of a device that hangs was not tried, so its tasks may run together") {
  ManualDevice first(*this, batcher), second(*this, batcher);
  first.enlist(fast);
  send_four();
  for (const char* id : {"e", "f", "g", "h"}) send(job(id));
  advance(1000ms);
  second.enlist();
  run_four_alone(second);
  CHECK(second.last_ids() == Ids{"e", "f", "g", "h"});
}

TEST_CASE_FIXTURE(WatchdogFixture, "a device that hangs gets no batches until it comes back") {
  ManualDevice device(*this, batcher);
  device.enlist(fast);
  send_four();
  advance(1000ms);
  advance(5000ms);
  CHECK(device.batches.size() == 1);
  device.finish(6000ms);
  CHECK(device.back == 1);
  // The hanging time was not measured as the time of a batch, so the watchdog's limit has not changed.
  run_four_alone(device);
  send_four();
  advance(1000ms);
  CHECK(device.hung == 2);
}

TEST_CASE_FIXTURE(WatchdogFixture,
                  "a late answer of a device that hung is used if no other device has answered before") {
  ManualDevice first(*this, batcher), second(*this, batcher);
  first.enlist(fast);
  send_four();
  advance(1000ms);
  second.enlist();
  answer(first.batches.at(0), 0);
  answer(second.batches.at(0), 0);
  CHECK(ends() == Ids{"a: ok"});
}

TEST_CASE_FIXTURE(WatchdogFixture, "an idle device is never reported as hung") {
  ManualDevice device(*this, batcher);
  device.enlist(fast);
  advance(60'000ms);
  send_four();
  device.finish(10ms);
  advance(60'000ms);
  CHECK(device.hung == 0);
}
