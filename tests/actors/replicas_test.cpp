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
  // As a device does that is lost: it says so, and ends.
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

TEST_CASE_FIXTURE(ReplicasFixture, "two requests at a time never meet on one device while another does nothing") {
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

TEST_CASE_FIXTURE(ReplicasFixture, "of those that have nothing to do one is preferred that ran such a batch before") {
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
  send(job("b", {.size = {128, 128}}));  // new to both: the one that rested longer
  CHECK(&the_busy_one() != &first);
}

TEST_CASE_FIXTURE(ReplicasFixture, "a lost device takes all its replicas along, and eats nobody's retry") {
  add({"cuda:0", "cuda:0", "cuda:1", "cuda:1"});
  send(job("x"));
  const std::string lost = the_busy_one().name;
  lose(the_busy_one());
  CHECK(the_busy_one().name != lost);
  die(the_busy_one());  // this, and not the loss, is the failure that a request may survive once
  CHECK(the_busy_one().name != lost);
  finish(the_busy_one());
  CHECK(ends() == Ids{"x: ok"});
}

TEST_CASE_FIXTURE(ReplicasFixture,
                  "what the replicas of a lost device run, and what lies ready there, goes elsewhere") {
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

TEST_CASE_FIXTURE(ReplicasFixture, "a lost device gets nothing any more, nor does a replica of it that comes anew") {
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

TEST_CASE_FIXTURE(ReplicasFixture,
                  "of what takes one device after the other with it, the first counts as no try only") {
  add({"cuda:0", "cuda:1", "cuda:2", "cuda:3"});
  send(job("killer"));
  int losses = 0;
  while (!busy().empty()) {
    lose(the_busy_one());
    ++losses;
  }
  CHECK(losses == 3);  // one for nothing, then a first try and its repetition
  CHECK(ends() == Ids{"killer: device_failed"});
}

TEST_CASE_FIXTURE(ReplicasFixture, "of the next batches only as many make way for the more urgent as these need") {
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

TEST_CASE_FIXTURE(ReplicasFixture, "alarms that were set and not needed do not pile up") {
  add({"cuda:0", "cuda:1"});
  for (int i = 0; i < 500; ++i) {
    send(job("x", {.timeout = std::chrono::milliseconds(30'000 + 37 * i % 1000)}));
    advance(1ms);
    for (const auto& each : replicas)
      if (each->busy && i % 9 == 0) finish(*each);
    CHECK(clock().schedule().size() <= 8);
  }
}
