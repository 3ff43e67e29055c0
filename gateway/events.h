// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/tasks/tasks.h"
#include "http/event_stream.h"

namespace inpaintd::gateway {

/// `GET /tasks/ID`: `{task_id, status: queued | running | done | error, ...}`.
nlohmann::ordered_json task_json(const std::string& id, const TaskState& state);

/// The server-sent events of one client: the states of some tasks, each with its present state first. A final event is
/// sent once for each task. Of several events of one kind about one task that the client has not taken yet, the last
/// is kept, so the queue is bounded by the number of tasks.
///
/// An event's id has one digit for each task, 1 when its final event was sent. A client that reconnects sends the last
/// id back (Last-Event-ID), and final events that it has seen are not repeated.
class EventQueue : public EventStream {
 public:
  /// `last_id`: what the client saw last, or empty.
  EventQueue(std::vector<std::string> tasks, std::string_view last_id);

  [[nodiscard]] const std::vector<std::string>& tasks() const { return tasks_; }
  /// True for a task whose final event this client has seen, before or on this stream.
  [[nodiscard]] bool told(std::size_t task) const { return marks_[task] == '1'; }
  [[nodiscard]] bool all_told() const { return marks_.find('0') == std::string::npos; }

  /// Adds the present state of the task with this index.
  void push(std::size_t task, const TaskState& state);
  /// Adds a last event, `closing`, after which the stream ends.
  void close() override;

  [[nodiscard]] bool ready() const override { return !pending_.empty(); }
  std::string take() override;
  /// True when every task's final event was taken, or the stream was closed.
  [[nodiscard]] bool ended() const override { return pending_.empty() && (closed_ || all_told()); }

  /// Kept as long as the queue: the watches of the tasks.
  std::vector<Tasks::Watch> watches;

 private:
  struct Event {
    std::size_t task;
    std::string kind;
    std::string data;
  };

  std::vector<std::string> tasks_;
  std::string marks_;  // '1' where the final event was taken, or seen before
  std::deque<Event> pending_;
  bool closed_ = false;
};

}  // namespace inpaintd::gateway
