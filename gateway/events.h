// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/tasks.h"

namespace inpaintd::gateway {

/// `GET /tasks/ID`: `{task_id, status: queued | running | done | error, ...}`.
nlohmann::ordered_json task_json(const std::string& id, const TaskState& state);

/// The server-sent events of one client: the states of some tasks, each with its present state first. A final event is
/// sent once for each task. Of several events of one kind about one task that the client has not taken yet, the last
/// is kept, so the queue is bounded by the number of tasks.
///
/// An event's id has one digit for each task, 1 when its final event was sent. A client that reconnects sends the last
/// id back (Last-Event-ID), and final events that it has seen are not repeated.
class EventQueue {
 public:
  /// `last_id`: what the client saw last, or empty.
  EventQueue(std::vector<std::string> tasks, std::string_view last_id);

  [[nodiscard]] const std::vector<std::string>& tasks() const { return tasks_; }
  /// True for a task whose final event this client has seen, before or on this stream.
  [[nodiscard]] bool told(std::size_t task) const { return marks_[task] == '1'; }
  [[nodiscard]] bool all_told() const { return marks_.find('0') == std::string::npos; }

  /// Adds the present state of the task with this index.
  void push(std::size_t task, const TaskState& state);
  /// The gateway ends: adds a last event, `closing`, after which the stream ends.
  void close();

  /// True when there is something to take.
  [[nodiscard]] bool ready() const { return !pending_.empty(); }
  /// The text of all events since the last call, in the form of the standard; empty when there are none.
  std::string take();
  /// True when there is nothing more to come: every task's final event was taken, or the stream was closed.
  [[nodiscard]] bool ended() const { return pending_.empty() && (closed_ || all_told()); }

  /// What is called when there is something to take, or when the stream ends.
  void when_ready(std::function<void()> call) { ready_ = std::move(call); }

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
  std::function<void()> ready_;
};

}  // namespace inpaintd::gateway
