// SPDX-License-Identifier: Apache-2.0
// The batch that a device runs next, and what may happen to it before the device takes it.
#include <algorithm>

#include "tests/actors/batcher_fixture.h"

using namespace inpaintd;
using namespace inpaintd::test;

namespace {

using Ids = std::vector<std::string>;

// Adaptive where a test says so; `busy` works on a batch of its own.
template <class Base>
struct Busy : Base {
  Busy() {
    busy.enlist();
    for (const char* id : {"1", "2", "3", "4"}) this->send(this->job(id));
    REQUIRE(busy.last_ids() == Ids{"1", "2", "3", "4"});
  }
  void send_all(const Ids& ids) {
    for (const auto& id : ids) this->send(this->job(id));
  }
  // The ids of the next batch, which is put back.
  Ids ready(ManualDevice& device) {
    const Batch batch = device.next->take();
    if (!batch) return {};
    Ids ids;
    for (const Task& task : *batch) ids.push_back(task.job->ticket().id);
    device.next->put(batch);
    return ids;
  }
  ManualDevice busy{*this, this->batcher};
};
using BusyFixture = Busy<BatcherFixture>;

}  // namespace

TEST_CASE_FIXTURE(BusyFixture,
                  "the next batch is ready while a device works, and the device takes it without a message") {
  send_all({"a", "b", "c", "d", "e"});
  CHECK(ready(busy) == Ids{"a", "b", "c", "d"});
  CHECK(busy.batches.size() == 1);
  busy.finish();
  CHECK(busy.last_ids() == Ids{"a", "b", "c", "d"});
  CHECK(ready(busy).empty());
  advance(5ms);
  CHECK(ready(busy) == Ids{"e"});
}

TEST_CASE_FIXTURE(BusyFixture, "a partial next batch is filled until the device takes it") {
  send_all({"a"});
  CHECK(ready(busy).empty());
  advance(5ms);
  CHECK(ready(busy) == Ids{"a"});
  send_all({"b"});
  advance(5ms);
  CHECK(ready(busy) == Ids{"a", "b"});
  send_all({"c", "d", "e"});
  CHECK(ready(busy) == Ids{"a", "b", "c", "d"});
}

TEST_CASE_FIXTURE(BusyFixture, "a next batch yields to a request of higher priority until the device takes it") {
  send_all({"a", "b", "c", "d"});
  send(job("high", {.priority = Priority::high}));
  CHECK(ready(busy) == Ids{"high", "a", "b", "c"});
  busy.finish();
  send(job("late", {.priority = Priority::high}));
  CHECK(busy.last_ids() == Ids{"high", "a", "b", "c"});
  advance(5ms);
  CHECK(ready(busy) == Ids{"late", "d"});
}

TEST_CASE_FIXTURE(BusyFixture, "a next batch does not yield to an earlier deadline of the same priority") {
  send_all({"a", "b", "c", "d"});
  send(job("soon", {.timeout = 1000ms}));
  CHECK(ready(busy) == Ids{"a", "b", "c", "d"});
}

TEST_CASE_FIXTURE(BusyFixture, "a cancelled task leaves the next batch, and another task takes its place") {
  send_all({"a", "b", "c", "d", "e"});
  cancel("b");
  CHECK(ends() == Ids{"b: cancelled"});
  CHECK(ready(busy) == Ids{"a", "c", "d", "e"});
}

TEST_CASE_FIXTURE(BusyFixture, "an expired task leaves the next batch, and another task takes its place") {
  send(job("hurry", {.timeout = 20ms}));
  send_all({"a", "b", "c", "d"});
  CHECK(ready(busy) == Ids{"hurry", "a", "b", "c"});
  advance(20ms);
  CHECK(ends() == Ids{"hurry: deadline_exceeded"});
  CHECK(ready(busy) == Ids{"a", "b", "c", "d"});
}

TEST_CASE_FIXTURE(BusyFixture, "a cancel does not change a batch that a device has started") {
  send_all({"a", "b", "c", "d"});
  busy.finish();
  cancel("a");
  CHECK(ends().empty());
  CHECK(busy.last_ids() == Ids{"a", "b", "c", "d"});
}

TEST_CASE_FIXTURE(BusyFixture, "an idle device gets the next batch of a device that works") {
  send_all({"a", "b", "c", "d"});
  CHECK(ready(busy) == Ids{"a", "b", "c", "d"});
  ManualDevice other(*this, batcher);
  other.enlist();
  CHECK(other.last_ids() == Ids{"a", "b", "c", "d"});
  CHECK(ready(busy).empty());
}

TEST_CASE_FIXTURE(
    BusyFixture,
    "the next batch of a device that fails was not tried, so its tasks may run together and keep their retries") {
  send_all({"a", "b", "c", "d"});
  busy.crash();
  ManualDevice second(*this, batcher);
  second.enlist();
  for (const char* id : {"1", "2", "3", "4"}) {
    CHECK(second.last_ids() == Ids{id});
    answer(second.batches.back(), 0);
    second.finish();
  }
  CHECK(second.last_ids() == Ids{"a", "b", "c", "d"});
  second.crash();
  CHECK(ends() == Ids{"1: ok", "2: ok", "3: ok", "4: ok"});
}

TEST_CASE_FIXTURE(BusyFixture, "abandoning answers the next batch, too") {
  send_all({"a", "b", "c", "d"});
  tell(abandon_atom_v);
  CHECK(ends().size() == 8);
}

TEST_CASE_FIXTURE(BatcherFixture, "many requests of one size delay another size by no more than their share") {
  ManualDevice device(*this, batcher);
  device.enlist({{{64, 64}, 4, 40ms}});
  // The many requests have the earlier deadlines, so without shares only they would be served.
  for (int i = 0; i < 40; ++i) send(job("flood", {.size = {64, 64}, .timeout = 30s}));
  send(job("other", {.size = {128, 64}, .timeout = 60s}));
  advance(5ms);
  int batches = 0;
  while (device.last_ids() != Ids{"other"} && batches < 10) {
    device.finish(40ms);
    ++batches;
  }
  CHECK(batches == 6);
}

TEST_CASE_FIXTURE(
    BatcherFixture,
    "tasks that have waited for age_max get every fourth batch while many requests of higher priority arrive") {
  ManualDevice device(*this, batcher);
  device.enlist();
  const auto send_high = [&](int count) {
    for (int i = 0; i < count; ++i) send(job("high", {.timeout = 30s, .priority = Priority::high}));
  };
  send_high(16);
  for (int i = 0; i < 8; ++i) send(job("low", {.timeout = 600s, .priority = Priority::low}));
  std::string order;
  for (int batch = 0; batch < 24; ++batch) {
    send_high(4);
    advance(500ms);
    device.finish();
    order += device.last_ids().front().front();
  }
  // After two seconds, every fourth batch holds four requests of low priority, until none is left.
  CHECK(order.substr(0, 4) == "hhhh");
  CHECK(std::count(order.begin(), order.end(), 'l') == 2);
  CHECK(order.rfind('l') - order.find('l') == 4);
}
