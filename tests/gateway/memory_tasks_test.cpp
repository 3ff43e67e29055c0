// SPDX-License-Identifier: Apache-2.0
#include "gateway/tasks/memory_tasks.h"

#include <doctest/doctest.h>

#include "gateway/tasks/random_id.h"
#include "tests/gateway/fakes.h"

using namespace inpaintd;
using namespace inpaintd::gateway;
using namespace inpaintd::test;
using namespace std::chrono_literals;

namespace {

struct TasksFixture {
  FakePort port;
  TimePoint now{};
  std::size_t payload_max = 1 << 20;
  MemoryTasks tasks{port,
                    nullptr,
                    RequesterSettings{},
                    TasksSettings{1000, 4, 10s, 60s},
                    [this] { return payload_max; },
                    [this] { return now; }};

  std::variant<std::string, Problem> submit(std::size_t bytes) {
    Submission submission;
    submission.image = std::string(bytes, 'i');
    std::variant<std::string, Problem> result;
    tasks.submit(std::move(submission), [&](const auto& started) { result = started; });
    return result;
  }
  std::string started(std::size_t bytes) {
    auto id = submit(bytes);
    REQUIRE(std::holds_alternative<std::string>(id));
    return std::get<std::string>(id);
  }
  std::string refused(std::size_t bytes) {
    auto problem = submit(bytes);
    REQUIRE(std::holds_alternative<Problem>(problem));
    return std::get<Problem>(problem).code;
  }
  /// Ends the task of the n-th request with a result of so many bytes.
  void finish(std::size_t request, std::size_t bytes) {
    const auto result = std::make_shared<const std::string>(bytes, 'r');
    wire::Done done;
    done.image = as_bytes(*result);
    tasks.requester().answered(std::to_string(request), done, result, now);
  }
};

}  // namespace

TEST_CASE("an id is 128 random bits, and a log names a quarter of them at most") {
  const std::string id = random_id();
  CHECK(id.size() == 32);
  CHECK(id.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(id != random_id());
  CHECK(log_name(id).size() == 8);
  CHECK(log_name(id) == log_name(id));
}

TEST_CASE_FIXTURE(TasksFixture, "a task is found by its id until it is forgotten, age_max after its end") {
  const std::string id = started(10);
  REQUIRE(tasks.find(id));
  CHECK(std::holds_alternative<QueuedState>(*tasks.find(id)));
  CHECK(tasks.find("another") == nullptr);
  finish(1, 20);
  CHECK(std::get<TaskPicture>(*tasks.find(id)).image.size() == 20);
  now += 9'999ms;
  tasks.tick();
  CHECK(tasks.find(id));
  now += 1ms;
  tasks.tick();
  CHECK(!tasks.find(id));
  CHECK(tasks.bytes() == 0);
}

TEST_CASE_FIXTURE(TasksFixture, "bytes are bounded: finished tasks make room, open ones do not") {
  const std::string first = started(400), second = started(300);
  CHECK(tasks.bytes() == 700);
  CHECK(refused(301) == "overloaded");
  finish(1, 600);
  CHECK(tasks.bytes() == 900);
  const std::string third = started(700);
  CHECK(!tasks.find(first));
  CHECK(tasks.find(second));
  CHECK(tasks.bytes() == 1000);
  CHECK(refused(1) == "overloaded");
  finish(3, 0);
  CHECK(tasks.find(third));
}

TEST_CASE_FIXTURE(TasksFixture, "the number of tasks is bounded") {
  const std::string first = started(1);
  for (int i = 0; i < 3; ++i) (void)started(1);
  CHECK(refused(1) == "overloaded");
  finish(1, 1);
  CHECK(std::holds_alternative<std::string>(submit(1)));
  CHECK(!tasks.find(first));
}

TEST_CASE_FIXTURE(TasksFixture, "without a connection, or beyond the server's message size, nothing starts") {
  port.is_connected = false;
  CHECK(refused(1) == "disconnected");
  port.is_connected = true;
  payload_max = 1024 + 100;
  CHECK(refused(101) == "too_large");
  CHECK(std::holds_alternative<std::string>(submit(100)));
}

TEST_CASE_FIXTURE(TasksFixture, "a watcher is told every change until the end, as long as the watch is kept") {
  const std::string id = started(1);
  std::vector<std::size_t> seen, dropped;
  const auto watch =
      tasks.watch(id, [&](const std::string&, const TaskState& state) { seen.push_back(state.index()); });
  (void)tasks.watch(id, [&](const std::string&, const TaskState& state) { dropped.push_back(state.index()); });
  tasks.requester().answered("1", wire::Queued{"", 1, 1s}, nullptr, now);
  tasks.requester().answered("1", wire::Running{"", 1, "cpu"}, nullptr, now);
  finish(1, 1);
  CHECK(seen == std::vector<std::size_t>{0, 1, 2});
  CHECK(dropped.empty());
}

TEST_CASE_FIXTURE(TasksFixture, "cancelling ends an open task, and forgets a finished one") {
  const std::string id = started(1);
  int called = 0;
  const auto count = [&](const std::optional<Problem>& failure) { called += failure ? 0 : 1; };
  tasks.cancel(id, count);
  CHECK(std::get<Problem>(*tasks.find(id)).code == "cancelled");
  tasks.cancel(id, count);
  CHECK(!tasks.find(id));
  tasks.cancel(id, count);
  CHECK(called == 3);
}
