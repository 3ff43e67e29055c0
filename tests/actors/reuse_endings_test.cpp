// SPDX-License-Identifier: Apache-2.0
// Cancels, deadlines and failures of identical requests: which of them end, and which go on.
#include "tests/actors/reuse_fixture.h"

namespace inpaintd::test {
namespace {

TEST_CASE_FIXTURE(ReuseFixture,
                  "when a leader is cancelled, one of its followers runs and the others follow that one") {
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

TEST_CASE_FIXTURE(ReuseFixture, "cancelling a follower does not affect its leader and the other followers") {
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

TEST_CASE_FIXTURE(ReuseFixture, "a cancel that overtakes its request is remembered until the request arrives") {
  cancel("a");
  send("a");
  CHECK(log() == Lines{"a: cancelled"});
  CHECK(take().empty());
  advance(10s);
  send("a");
  CHECK(take() == Ids{"a"});
}

TEST_CASE_FIXTURE(ReuseFixture,
                  "a cancel that arrives while its request is decoded takes effect when the job reaches the batcher") {
  Ticket ticket = job("a")->ticket();
  ticket.reply = ticket.id;
  cancellations->add("a", now());
  caf::anon_send(batcher, std::make_shared<Job>(ticket, std::make_shared<const Input>(job("a")->input()), 0us));
  run();
  CHECK(log() == Lines{"a: cancelled"});
}

TEST_CASE_FIXTURE(ReuseFixture, "when the deadline of a leader passes, its followers keep their own deadlines") {
  send("a", {.timeout = 1000ms});
  send("b", {.timeout = 3000ms});
  send("c", {.timeout = 2000ms});
  advance(1000ms);
  CHECK(log() == Lines{"a: deadline_exceeded"});
  // b starts first; the deadline of c is earlier than that of b, so c does not follow b.
  advance(1000ms);
  CHECK(log() == Lines{"a: deadline_exceeded", "c: deadline_exceeded"});
  CHECK(take() == Ids{"b"});
  deliver();
  CHECK(log() == Lines{"a: deadline_exceeded", "b: done", "c: deadline_exceeded"});
  CHECK(admission->requests() == 0);
}

TEST_CASE_FIXTURE(ReuseFixture, "a follower that starts anew after its own deadline is answered deadline_exceeded") {
  send("a", {.timeout = 1000ms});
  send("b", {.timeout = 1000ms});
  advance(1000ms);
  CHECK(log() == Lines{"a: deadline_exceeded", "b: deadline_exceeded"});
}

TEST_CASE_FIXTURE(ReuseFixture, "a failure of a device fails all followers, because the same bytes would fail again") {
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

TEST_CASE_FIXTURE(ReuseFixture, "abandoning the remaining requests answers followers, too") {
  send("a");
  send("b");
  caf::anon_send(batcher, abandon_atom_v);
  run();
  CHECK(log() == Lines{"a: shutting_down", "b: shutting_down"});
  CHECK(admission->requests() == 0);
}

TEST_CASE_FIXTURE(ReuseFixture, "a request that cannot be decoded leaves no run that others could follow") {
  send("a", {.mask_file = "no picture"});
  send("b", {.mask_file = "no picture"});
  CHECK(log() == Lines{"a: unsupported_image", "b: unsupported_image"});
  CHECK(reuse->flights.followers() == 0);
  CHECK(admission->requests() == 0);
}

}  // namespace
}  // namespace inpaintd::test
