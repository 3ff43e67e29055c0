// SPDX-License-Identifier: Apache-2.0
// Several replicas on several devices: who gets a batch, and what a lost device takes along.
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/actors/batcher_fixture.h"

using namespace inpaintd;
using namespace inpaintd::test;

namespace {

using Ids = std::vector<std::string>;

const std::vector<Measurement> one_by_one{{{64, 64}, 1, 9ms}, {{64, 64}, 2, 18ms}, {{64, 64}, 4, 36ms}};

struct ReplicasFixture : BatcherFixture {
  ReplicasFixture() : BatcherFixture(adaptive()) {}

  void add(const Ids& names) {
    for (const auto& name : names) {
      replicas.push_back(std::make_unique<ManualDevice>(*this, batcher, name));
      replicas.back()->enlist(one_by_one);
    }
  }
  Ids busy() const {
    Ids names;
    for (const auto& each : replicas)
      if (each->busy) names.push_back(each->name);
    return names;
  }
  ManualDevice& the_busy_one() {
    REQUIRE(busy().size() == 1);
    for (const auto& each : replicas)
      if (each->busy) return *each;
    return *replicas.front();
  }
  void die(ManualDevice& replica) {
    replica.busy = false;
    replica.crash();
  }
  // Reports the loss and ends, as a lost device does.
  void lose(ManualDevice& replica) {
    caf::anon_send(batcher, lost_atom_v, replica.name);
    run();
    die(replica);
  }
  void finish(ManualDevice& replica) {
    for (std::size_t i = 0; i < replica.batches.back()->size(); ++i) answer(replica.batches.back(), i);
    replica.finish(9ms);
  }

  std::vector<std::unique_ptr<ManualDevice>> replicas;
};

}  // namespace

TEST_CASE_FIXTURE(ReplicasFixture, "of two requests at a time, each runs on a device of its own") {
  add({"cuda:0", "cuda:0", "cuda:1", "cuda:1", "cuda:2", "cuda:2"});
  for (int round = 0; round < 12; ++round) {
    CAPTURE(round);
    send(job("a"));
    send(job("b"));
    const Ids devices = busy();
    CHECK(devices.size() == 2);
    CHECK(std::set<std::string>(devices.begin(), devices.end()).size() == 2);
    advance(9ms);
    for (const auto& each : replicas)
      if (each->busy) finish(*each);
  }
}

TEST_CASE_FIXTURE(ReplicasFixture,
                  "of the idle replicas, one that ran a batch of this size and count before is preferred") {
  add({"cuda:0", "cuda:1"});
  const Size other{128, 64};
  send(job("a", {.size = other}));
  ManualDevice& first = the_busy_one();
  advance(9ms);
  finish(first);
  for (int round = 0; round < 3; ++round) {
    send(job("again", {.size = other}));
    CHECK(&the_busy_one() == &first);
    advance(9ms);
    finish(the_busy_one());
  }
  send(job("b",
           {.size = {128, 128}}));  // no replica ran this size before, so the one that was idle longer gets the batch
  CHECK(&the_busy_one() != &first);
}

TEST_CASE_FIXTURE(ReplicasFixture,
                  "when a device is lost, all its replicas are lost, and the loss does not count as a retry") {
  add({"cuda:0", "cuda:0", "cuda:1", "cuda:1"});
  send(job("x"));
  const std::string lost = the_busy_one().name;
  lose(the_busy_one());
  CHECK(the_busy_one().name != lost);
  die(the_busy_one());  // this failure counts as the try that a request may survive, the loss does not
  CHECK(the_busy_one().name != lost);
  finish(the_busy_one());
  CHECK(ends() == Ids{"x: ok"});
}

TEST_CASE_FIXTURE(ReplicasFixture, "the running and the next batches of a lost device's replicas go to other devices") {
  add({"cuda:0", "cuda:0"});
  for (const char* id : {"a", "b", "c", "d"}) send(job(id));
  CHECK(busy().size() == 2);
  replicas[0]->busy = replicas[1]->busy = false;
  caf::anon_send(batcher, lost_atom_v, std::string("cuda:0"));
  run();
  CHECK(!replicas[0]->next->take());
  CHECK(!replicas[1]->next->take());
  add({"cuda:1"});
  for (int i = 0; i < 4; ++i) finish(*replicas[2]);
  CHECK(Ids(ends()) == Ids{"a: ok", "b: ok", "c: ok", "d: ok"});
  die(*replicas[0]);
  CHECK(replicas[1]->batches.size() == 1);
}

TEST_CASE_FIXTURE(ReplicasFixture, "a lost device and new replicas of it get no batches") {
  add({"cuda:0", "cuda:0"});
  caf::anon_send(batcher, lost_atom_v, std::string("cuda:0"));
  run();
  send(job("a"));
  add({"cuda:0"});
  replicas[0]->finish(9ms);
  CHECK(busy().empty());
  add({"cuda:1"});
  CHECK(the_busy_one().name == "cuda:1");
}

TEST_CASE_FIXTURE(ReplicasFixture, "only the first loss of a task does not count as a try") {
  add({"cuda:0", "cuda:1", "cuda:2", "cuda:3"});
  send(job("killer"));
  int losses = 0;
  while (!busy().empty()) {
    lose(the_busy_one());
    ++losses;
  }
  CHECK(losses == 3);  // the loss that does not count, a first try, and a retry
  CHECK(ends() == Ids{"killer: device_failed"});
}

TEST_CASE_FIXTURE(ReplicasFixture, "only as many next batches yield as the more urgent requests need") {
  add({"cuda:0", "cuda:1", "cuda:2"});
  for (int i = 0; i < 6; ++i) send(job("n"));
  std::vector<Batch> ready;
  for (const auto& each : replicas) ready.push_back(each->next->take());
  for (std::size_t i = 0; i < 3; ++i) {
    REQUIRE(ready[i]);
    replicas[i]->next->put(ready[i]);
  }
  send(job("high", {.priority = Priority::high}));
  int changed = 0;
  for (std::size_t i = 0; i < 3; ++i) changed += replicas[i]->next->take() != ready[i];
  CHECK(changed == 1);
}

TEST_CASE_FIXTURE(ReplicasFixture, "alarms that were not needed do not accumulate") {
  add({"cuda:0", "cuda:1"});
  for (int i = 0; i < 500; ++i) {
    send(job("x", {.timeout = std::chrono::milliseconds(30'000 + 37 * i % 1000)}));
    advance(1ms);
    for (const auto& each : replicas)
      if (each->busy && i % 9 == 0) finish(*each);
    CHECK(clock().schedule().size() <= 8);
  }
}
