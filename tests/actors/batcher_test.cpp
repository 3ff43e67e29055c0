// SPDX-License-Identifier: Apache-2.0
#include "actors/batcher.h"

#include <algorithm>

#include "tests/actors/batcher_fixture.h"

using namespace inpaintd;
using namespace inpaintd::test;

namespace {

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE_FIXTURE(BatcherFixture, "a partial batch leaves when its oldest job has waited wait_max, not before") {
  ManualDevice device(*this, batcher);
  device.ask();
  send(job("a"));
  advance(3ms);
  send(job("b"));
  advance(1ms);
  CHECK(device.batches.empty());
  advance(1ms);
  CHECK(device.last_ids() == Ids{"a", "b"});
}

TEST_CASE_FIXTURE(BatcherFixture, "a full batch leaves at once") {
  ManualDevice device(*this, batcher);
  device.ask();
  for (const char* id : {"a", "b", "c", "d", "e"}) send(job(id));
  CHECK(device.batches.size() == 1);
  CHECK(device.last_ids() == Ids{"a", "b", "c", "d"});
}

TEST_CASE_FIXTURE(BatcherFixture, "no batch leaves while no device is free, and a free device gets one batch") {
  ManualDevice device(*this, batcher);
  for (const char* id : {"a", "b", "c", "d", "e", "f", "g", "h"}) send(job(id));
  advance(1000ms);
  CHECK(device.batches.empty());
  device.ask();
  CHECK(device.batches.size() == 1);
  advance(1000ms);
  CHECK(device.batches.size() == 1);
  device.ask();
  CHECK(device.last_ids() == Ids{"e", "f", "g", "h"});
}

TEST_CASE_FIXTURE(BatcherFixture, "sizes never mix in a batch") {
  ManualDevice first(*this, batcher), second(*this, batcher);
  send(job("small", {.size = {64, 64}}));
  send(job("large", {.size = {128, 64}}));
  advance(5ms);
  first.ask();
  second.ask();
  CHECK(first.batches.at(0)->size() == 1);
  CHECK(second.batches.at(0)->size() == 1);
  CHECK(first.last_ids() != second.last_ids());
}

TEST_CASE_FIXTURE(BatcherFixture, "within a size, tasks leave by priority, then by deadline, then by arrival") {
  ManualDevice device(*this, batcher);
  send(job("late", {.timeout = 900ms}));
  send(job("soon", {.timeout = 100ms}));
  send(job("low", {.timeout = 50ms, .priority = Priority::low}));
  send(job("high", {.timeout = 999ms, .priority = Priority::high}));
  device.ask();
  CHECK(device.last_ids() == Ids{"high", "soon", "late", "low"});
}

TEST_CASE_FIXTURE(BatcherFixture, "an expired job is answered at its deadline, and never computed") {
  send(job("a", {.timeout = 20ms}));
  advance(19ms);
  CHECK(ends().empty());
  advance(1ms);
  CHECK(ends() == Ids{"a: deadline_exceeded"});
  ManualDevice device(*this, batcher);
  device.ask();
  advance(1000ms);
  CHECK(device.batches.empty());
}

TEST_CASE_FIXTURE(BatcherFixture,
                  "a job that runs is answered at its deadline, too, and the late prediction is dropped") {
  ManualDevice device(*this, batcher);
  device.ask();
  for (const char* id : {"b", "c", "d"}) send(job(id));
  send(job("a", {.timeout = 200ms}));
  CHECK(device.last_ids() == Ids{"a", "b", "c", "d"});
  advance(199ms);
  CHECK(ends().empty());
  advance(1ms);
  CHECK(ends() == Ids{"a: deadline_exceeded"});
  for (std::size_t i = 0; i < 4; ++i) answer(device.batches.back(), i);
  CHECK(ends() == Ids{"a: deadline_exceeded", "b: ok", "c: ok", "d: ok"});
}

TEST_CASE_FIXTURE(BatcherFixture, "a cancelled job is answered and does not reach a device") {
  ManualDevice device(*this, batcher);
  send(job("a"));
  send(job("b"));
  caf::anon_send(batcher, cancel_atom_v, std::string("a"));
  run();
  CHECK(ends() == Ids{"a: cancelled"});
  advance(5ms);
  device.ask();
  CHECK(device.last_ids() == Ids{"b"});
}

TEST_CASE_FIXTURE(
    BatcherFixture,
    "the batch of a device that fails is retried once on another device, and then answered with an error") {
  send(job("a"));
  advance(5ms);
  {
    ManualDevice first(*this, batcher);
    first.ask();
    CHECK(first.last_ids() == Ids{"a"});
    first.crash();
  }
  CHECK(ends().empty());
  advance(5ms);
  ManualDevice second(*this, batcher);
  second.ask();
  CHECK(second.last_ids() == Ids{"a"});
  second.crash();
  CHECK(ends() == Ids{"a: device_failed"});
}

TEST_CASE_FIXTURE(BatcherFixture, "tasks that a device answered before it failed are not computed again") {
  for (const char* id : {"a", "b", "c", "d"}) send(job(id));
  ManualDevice first(*this, batcher);
  first.ask();
  answer(first.batches.at(0), 1);
  first.crash();
  advance(5ms);
  ManualDevice second(*this, batcher);
  second.ask();
  CHECK(second.last_ids() == Ids{"a"});
  second.ask();
  CHECK(second.last_ids() == Ids{"c"});
  second.ask();
  CHECK(second.last_ids() == Ids{"d"});
  CHECK(ends() == Ids{"b: ok"});
}

TEST_CASE_FIXTURE(BatcherFixture, "a task that makes every device fail ends alone, without its neighbours") {
  for (const char* id : {"a", "killer", "c", "d"}) send(job(id));
  int deaths = 0;
  for (int life = 0; life < 3; ++life) {
    ManualDevice device(*this, batcher);
    device.ask();
    while (device.busy) {
      const Ids ids = device.last_ids();
      if (std::find(ids.begin(), ids.end(), "killer") != ids.end()) {
        device.crash();
        ++deaths;
        break;
      }
      for (std::size_t i = 0; i < ids.size(); ++i) answer(device.batches.back(), i);
      device.finish();
      advance(5ms);
    }
  }
  CHECK(deaths == 2);
  CHECK(ends() == Ids{"a: ok", "killer: device_failed", "c: ok", "d: ok"});
}

TEST_CASE_FIXTURE(BatcherFixture, "a device that ended while it was idle gets no batch") {
  ManualDevice device(*this, batcher);
  device.ask();
  device.crash();
  for (const char* id : {"a", "b", "c", "d"}) send(job(id));
  ManualDevice other(*this, batcher);
  other.ask();
  CHECK(device.batches.empty());
  CHECK(other.last_ids() == Ids{"a", "b", "c", "d"});
}

TEST_CASE_FIXTURE(BatcherFixture, "during a drain, a partial batch leaves at once") {
  ManualDevice device(*this, batcher);
  device.ask();
  send(job("a"));
  CHECK(device.batches.empty());
  tell(drain_atom_v);
  CHECK(device.last_ids() == Ids{"a"});
}

TEST_CASE_FIXTURE(BatcherFixture, "abandoning answers waiting jobs and jobs of devices, each exactly once") {
  ManualDevice device(*this, batcher);
  for (const char* id : {"a", "b", "c", "d", "e"}) send(job(id));
  device.ask();
  tell(abandon_atom_v);
  CHECK(ends() ==
        Ids{"e: shutting_down", "a: shutting_down", "b: shutting_down", "c: shutting_down", "d: shutting_down"});
  for (std::size_t i = 0; i < 4; ++i) answer(device.batches.at(0), i);  // too late
  CHECK(ends().size() == 5);
}

TEST_CASE_FIXTURE(BatcherFixture, "a job that arrives after the others were abandoned is answered shutting_down, too") {
  tell(abandon_atom_v);
  send(job("late"));
  CHECK(ends() == Ids{"late: shutting_down"});
}

TEST_CASE_FIXTURE(BatcherFixture, "a job of several tiles ends with its last tile, or with the first tile that fails") {
  ManualDevice device(*this, batcher);
  const auto whole = job("whole", {.tiles = 2});
  send(whole);
  advance(5ms);
  device.ask();
  answer(device.batches.at(0), 0);
  CHECK(ends().empty());
  answer(device.batches.at(0), 1);
  CHECK(ends() == Ids{"whole: ok"});
  CHECK(std::get<Computed>(outcomes[0].ending).predictions.size() == 2);

  const auto large = job("large", {.tiles = 6});
  send(large);
  device.ask();
  CHECK(device.batches.back()->size() == 4);
  caf::anon_send(batcher, cancel_atom_v, std::string("large"));
  run();
  CHECK(ends().back() == "large: cancelled");
  device.ask();
  advance(1000ms);
  CHECK(device.batches.size() == 2);
}

TEST_CASE_FIXTURE(BatcherFixture,
                  "clients that asked for progress get queued, with the number of requests ahead, and then running") {
  ManualDevice device(*this, batcher);
  send(job("first"));
  send(job("second", {.progress = true}));
  REQUIRE(progress.size() == 1);
  CHECK(progress[0].ticket.id == "second");
  CHECK(!progress[0].running);
  CHECK(progress[0].position == 1);
  advance(5ms);
  device.ask();
  REQUIRE(progress.size() == 2);
  CHECK(progress[1].running);
  CHECK(progress[1].batch_size == 2);
  CHECK(progress[1].device == "manual");
}

TEST_CASE_FIXTURE(BatcherFixture, "a new position is reported at most four times a second") {
  ManualDevice device(*this, batcher);
  for (int i = 0; i < 12; ++i) send(job("before" + std::to_string(i)));
  send(job("last", {.timeout = 61s, .progress = true}));
  REQUIRE(progress.size() == 1);
  CHECK(progress[0].position == 12);
  device.ask();
  CHECK(progress.size() == 1);
  advance(10ms);
  advance(239ms);
  CHECK(progress.size() == 1);
  advance(1ms);  // no other event is needed
  REQUIRE(progress.size() == 2);
  CHECK(progress[1].position == 8);
}

TEST_CASE_FIXTURE(
    BatcherFixture,
    "of many requests that arrive together, the first gets its position at once and the others within 10 ms") {
  for (int i = 0; i < 20; ++i) send(job("x", {.progress = true}));
  CHECK(progress.size() == 1);
  advance(9ms);
  CHECK(progress.size() == 1);
  advance(1ms);
  REQUIRE(progress.size() == 20);
  CHECK(progress[19].position == 19);
}

TEST_CASE_FIXTURE(ActorFixture, "the board shows the waiting tiles, and is written at most ten times a second") {
  const auto board = std::make_shared<QueueBoard>();
  const auto batcher = system.spawn<Batcher>(DispatcherSettings{}, repliers(), board);
  const auto waiting = [&] {
    const auto counts = board->read();
    const auto found = counts.find({{64, 64}, Priority::normal});
    return found == counts.end() ? 0 : found->second;
  };
  const auto send = [&](auto... message) {
    caf::anon_send(batcher, message...);
    run();
  };
  send(job("a"));
  CHECK(waiting() == 1);
  send(job("b"));
  CHECK(waiting() == 1);
  advance(99ms);
  CHECK(waiting() == 1);
  advance(1ms);
  CHECK(waiting() == 2);
  send(cancel_atom_v, std::string("a"));
  send(cancel_atom_v, std::string("b"));
  advance(100ms);
  CHECK(board->read().empty());
  // Nothing waits any more, so the board is not written before the alarm for the deadlines.
  REQUIRE(!clock().schedule().empty());
  CHECK(clock().schedule().begin()->first > now() + 1s);
  exit(batcher);
  run();
}
