// SPDX-License-Identifier: Apache-2.0
#include "gateway/tasks/requester.h"

#include <doctest/doctest.h>

#include "tests/gateway/fakes.h"

using namespace inpaintd;
using namespace inpaintd::gateway;
using namespace inpaintd::test;
using namespace std::chrono_literals;

namespace {

/// A requester that waits 200 ms before each further try, and the changes that it has told.
struct RequesterFixture {
  FakePort port;
  std::vector<std::pair<std::string, TaskState>> told;
  TimePoint now{};
  Requester requester{port,
                      [](const Error& error, int) -> std::optional<std::chrono::milliseconds> {
                        if (!info(error.code).retryable) return std::nullopt;
                        return error.retry_after.value_or(200ms);
                      },
                      [this](const std::string& id, TaskState state) { told.emplace_back(id, std::move(state)); },
                      RequesterSettings{3, 5s, 1s}};

  void ask(const std::string& id = "a", std::chrono::milliseconds timeout = 60s) {
    requester.ask(id, std::make_shared<const Submission>(), timeout, now);
  }
  void answer(const std::string& token, const wire::Reply& reply) { requester.answered(token, reply, nullptr, now); }
  void fail(const std::string& token, ErrorCode code) { answer(token, wire::Failed{"", {code, "m", {}}}); }
  void wait(std::chrono::milliseconds time) {
    now += time;
    requester.tick(now);
  }
  template <class State>
  const State& last() {
    REQUIRE(!told.empty());
    REQUIRE(std::holds_alternative<State>(told.back().second));
    return std::get<State>(told.back().second);
  }
};

}  // namespace

TEST_CASE_FIXTURE(RequesterFixture,
                  "an answer that does not fit into a message comes through the object store, if there is one") {
  ask("without");
  fail("1", ErrorCode::too_large);
  CHECK(last<Problem>().status == 413);
  port.has_store = true;
  ask("with");
  fail("2", ErrorCode::too_large);
  REQUIRE(port.sent.size() == 3);
  CHECK(!port.sent[1].stored);
  CHECK(port.sent[2].stored);
  fail("3", ErrorCode::too_large);  // no second time
  CHECK(last<Problem>().status == 413);
  CHECK(port.sent.size() == 3);
}

TEST_CASE_FIXTURE(RequesterFixture, "a task is queued, runs, and ends with its picture") {
  ask();
  REQUIRE(port.sent.size() == 1);
  CHECK(port.sent[0].timeout == 60s);
  answer("1", wire::Queued{"", 3, 1500ms});
  CHECK(last<QueuedState>().position == 3);
  CHECK(last<QueuedState>().eta == 1500ms);
  answer("1", wire::Queued{"", 1, 0ms});
  CHECK(!last<QueuedState>().eta);
  answer("1", wire::Running{"", 4, "cpu"});
  CHECK(last<RunningState>().batch_size == 4);
  answer("1", wire::Done{});
  CHECK(std::holds_alternative<TaskPicture>(told.back().second));
  CHECK(told.back().first == "a");
  CHECK(requester.open() == 0);
  answer("1", wire::Done{});
  CHECK(told.size() == 4);
}

TEST_CASE_FIXTURE(RequesterFixture, "when the server forbids a subject, every task that is sent there ends") {
  ask("a");
  ask("b");
  requester.denied("another.subject", {ErrorCode::internal, "forbidden"});
  CHECK(requester.open() == 2);
  requester.denied("inpaint.v1.run", {ErrorCode::internal, "forbidden"});
  CHECK(requester.open() == 0);
  CHECK(last<Problem>().message == "forbidden");
}

TEST_CASE_FIXTURE(RequesterFixture, "an error that another try cannot mend ends the task") {
  ask();
  fail("1", ErrorCode::size_mismatch);
  CHECK(last<Problem>().status == 422);
  CHECK(last<Problem>().code == "size_mismatch");
  CHECK(requester.open() == 0);
}

TEST_CASE_FIXTURE(RequesterFixture,
                  "a retryable error is tried again after the policy's wait, with the time that is left") {
  ask();
  fail("1", ErrorCode::shutting_down);
  CHECK(last<QueuedState>().note == "shutting_down: m; trying again in 0.2 s");
  wait(199ms);
  CHECK(port.sent.size() == 1);
  wait(1ms);
  REQUIRE(port.sent.size() == 2);
  CHECK(port.sent[1].token == "2");
  CHECK(port.sent[1].timeout == 59'800ms);
  fail("1", ErrorCode::internal);  // too late: this try was given up
  CHECK(requester.open() == 1);
  answer("2", wire::Done{});
  CHECK(requester.open() == 0);
}

TEST_CASE_FIXTURE(RequesterFixture, "after retries_max further tries the error is the task's") {
  ask();
  for (const char* token : {"1", "2", "3"}) {
    fail(token, ErrorCode::overloaded);
    wait(200ms);
  }
  CHECK(port.sent.size() == 4);
  fail("4", ErrorCode::overloaded);
  CHECK(last<Problem>().code == "overloaded");
  CHECK(last<Problem>().retryable);
}

TEST_CASE_FIXTURE(RequesterFixture, "no try is made that the deadline does not allow") {
  ask("a", 200ms);
  fail("1", ErrorCode::device_failed);
  CHECK(last<Problem>().code == "device_failed");
  ask("b", 201ms);
  fail("2", ErrorCode::device_failed);
  wait(200ms);
  CHECK(port.sent.back().token == "3");
  CHECK(port.sent.back().timeout == 1ms);
}

TEST_CASE_FIXTURE(RequesterFixture,
                  "a worker that is gone: the task ends when deadline and grace are over, not before") {
  ask("a", 1s);
  answer("1", wire::Running{"", 1, "cpu"});
  wait(5'999ms);
  CHECK(requester.open() == 1);
  wait(1ms);
  CHECK(last<Problem>().code == "deadline_exceeded");
  CHECK(last<Problem>().status == 504);
  CHECK(last<Problem>().retryable);
  answer("1", wire::Done{});
  CHECK(told.size() == 2);
}

TEST_CASE_FIXTURE(RequesterFixture,
                  "without workers a new task ends at once, and one that was retried is tried again") {
  ask();
  requester.no_responders("1", now);
  CHECK(last<Problem>().status == 503);
  CHECK(last<Problem>().code == "no_workers");
  ask("b");
  fail("2", ErrorCode::shutting_down);
  wait(200ms);
  requester.no_responders("3", now);
  CHECK(requester.open() == 1);
  wait(200ms);
  answer("4", wire::Done{});
  CHECK(requester.open() == 0);
}

TEST_CASE_FIXTURE(RequesterFixture,
                  "when the connection is lost open tasks are told, and are sent again after it is back") {
  ask("a");
  ask("b");
  answer("1", wire::Running{"", 1, "cpu"});
  port.is_connected = false;
  requester.disconnected();
  REQUIRE(told.size() == 3);
  CHECK(last<QueuedState>().note == "the connection to the NATS server is lost; the request is sent again");
  wait(10s);
  CHECK(port.sent.size() == 2);
  port.is_connected = true;
  requester.connected(now);
  wait(999ms);
  CHECK(port.sent.size() == 2);
  answer("1", wire::Done{});  // a worker had kept this answer
  wait(1ms);
  REQUIRE(port.sent.size() == 3);
  answer("3", wire::Done{});
  CHECK(requester.open() == 0);
  CHECK(told.size() == 5);
}

TEST_CASE_FIXTURE(RequesterFixture,
                  "a picture that answers an earlier try ends the task; an error of an earlier try does not") {
  ask();
  requester.connected(now);
  wait(1s);
  REQUIRE(port.sent.size() == 2);
  fail("1", ErrorCode::internal);
  CHECK(requester.open() == 1);
  answer("1", wire::Queued{"", 9, 1s});
  CHECK(told.empty());
  answer("1", wire::Done{});
  CHECK(requester.open() == 0);
}

TEST_CASE_FIXTURE(RequesterFixture, "a cancelled task ends at once, and the workers are told about every try") {
  ask();
  fail("1", ErrorCode::shutting_down);
  wait(200ms);
  requester.cancel("a");
  CHECK(last<Problem>().code == "cancelled");
  CHECK(last<Problem>().status == 409);
  CHECK(port.cancelled == std::vector<std::string>{"1", "2"});
  requester.cancel("a");
  CHECK(told.size() == 2);
}

TEST_CASE_FIXTURE(RequesterFixture, "a request that cannot be sent is tried again, unless it is too large") {
  ask();
  requester.publish_failed("1", {ErrorCode::internal, "away", {}}, now);
  wait(200ms);
  CHECK(port.sent.size() == 2);
  requester.publish_failed("2", {ErrorCode::too_large, "large", {}}, now);
  CHECK(last<Problem>().status == 413);
}
