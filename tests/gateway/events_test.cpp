// SPDX-License-Identifier: Apache-2.0
#include "gateway/events.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/gateway/fakes.h"

using namespace inpaintd;
using namespace inpaintd::gateway;
using namespace inpaintd::test;
using namespace std::chrono_literals;
using nlohmann::json;

TEST_CASE("each state becomes an event with the words of the protocol") {
  EventQueue queue({"a"}, "");
  CHECK(queue.take() == "");
  queue.push(0, QueuedState{});
  CHECK(queue.take() == "id: 0\nevent: queued\ndata: {\"task_id\":\"a\",\"position\":null,\"eta_ms\":null}\n\n");
  queue.push(0, QueuedState{3, 2000ms, ""});
  CHECK(queue.take() == "id: 0\nevent: queued\ndata: {\"task_id\":\"a\",\"position\":3,\"eta_ms\":2000}\n\n");
  queue.push(0, RunningState{4, "cpu"});
  CHECK(queue.take() == "id: 0\nevent: running\ndata: {\"task_id\":\"a\",\"batch_size\":4,\"device\":\"cpu\"}\n\n");
  CHECK(!queue.ended());
  queue.push(0, picture("bytes"));
  CHECK(queue.take() ==
        "id: 1\nevent: result\ndata: {\"task_id\":\"a\",\"url\":\"/tasks/a/result\",\"format\":\"jpeg\",\"width\":4,"
        "\"height\":3,\"bytes\":5,\"region\":[0,0,4,3],\"timings_us\":{\"decode\":1,\"queue\":2,\"infer\":3,"
        "\"encode\":4,\"total\":10},\"batch_size\":2,\"device\":\"cpu\",\"model\":\"lama\",\"cached\":false}\n\n");
  CHECK(queue.ended());
}

TEST_CASE("a result says what its client should know about it") {
  EventQueue queue({"a"}, "");
  TaskPicture noted = picture("bytes");
  noted.exact = Exact::pixels;
  noted.notes = {{"mask_empty", "why"}};
  queue.push(0, noted);
  CHECK(queue.take().ends_with(
      "\"cached\":false,\"exact\":\"pixels\",\"notes\":[{\"code\":\"mask_empty\",\"message\":\"why\"}]}\n\n"));
}

TEST_CASE("an error event has the code, the message and the time to the next try") {
  EventQueue queue({"a"}, "");
  queue.push(0, Problem{429, "overloaded", "full\nof \"it\"", true, 500ms});
  CHECK(queue.take() ==
        "id: 1\nevent: error\ndata: {\"task_id\":\"a\",\"code\":\"overloaded\",\"message\":\"full\\nof "
        "\\\"it\\\"\",\"retryable\":true,\"retry_after_ms\":500}\n\n");
}

TEST_CASE("a client that does not take its events has at most one of each kind for each task waiting") {
  EventQueue queue({"a", "b"}, "");
  for (std::size_t i = 0; i < 100; ++i) queue.push(0, QueuedState{100 - i, 1ms, ""});
  queue.push(1, QueuedState{});
  queue.push(0, RunningState{1, "cpu"});
  queue.push(0, picture("x"));
  const std::string text = queue.take();
  CHECK(text.find("\"position\":1,") != std::string::npos);
  CHECK(text.find("\"position\":2,") == std::string::npos);
  std::size_t events = 0;
  for (std::size_t at = 0; (at = text.find("event: ", at)) != std::string::npos; ++at) ++events;
  CHECK(events == 4);
}

TEST_CASE("the final event of a task is sent once, also over a reconnection") {
  EventQueue queue({"a", "b"}, "");
  queue.push(0, picture("x"));
  CHECK(queue.take().starts_with("id: 10\nevent: result"));
  queue.push(0, picture("x"));
  CHECK(queue.take() == "");
  CHECK(!queue.ended());

  EventQueue again({"a", "b"}, "10");
  CHECK(again.told(0));
  again.push(0, picture("x"));
  CHECK(again.take() == "");
  again.push(1, Problem{});
  CHECK(again.take().starts_with("id: 11\nevent: error"));
  CHECK(again.ended());
  CHECK(EventQueue({"a", "b"}, "11").all_told());
}

TEST_CASE("a last id that belongs to another list of tasks is ignored") {
  for (const char* id : {"1", "111", "x1", "-1", "11\n"}) {
    CAPTURE(id);
    CHECK(!EventQueue({"a", "b"}, id).told(1));
  }
}

TEST_CASE("a closed stream ends with the event closing, after the events that waited") {
  EventQueue queue({"a"}, "");
  int ready = 0;
  queue.when_ready([&] { ++ready; });
  queue.push(0, QueuedState{});
  queue.close();
  queue.close();
  CHECK(ready == 2);
  CHECK(!queue.ended());
  const std::string text = queue.take();
  CHECK(text.find("event: queued") < text.find("id: 0\nevent: closing\ndata: {\"message\":"));
  CHECK(queue.ended());
}

TEST_CASE("the state of a task is one JSON object") {
  const auto told = [](const TaskState& state) { return json::parse(task_json("a", state).dump()); };
  CHECK(told(QueuedState{1, 2ms, "why"}) ==
        json::parse(R"({"task_id": "a", "status": "queued", "position": 1, "eta_ms": 2, "note": "why"})"));
  CHECK(told(RunningState{1, "cpu"})["status"] == "running");
  CHECK(told(picture("x"))["status"] == "done");
  CHECK(told(picture("x"))["url"] == "/tasks/a/result");
  CHECK(
      told(Problem{500, "internal", "m", false, {}}) ==
      json::parse(
          R"({"task_id": "a", "status": "error", "error": {"code": "internal", "message": "m", "retryable": false}})"));
}
