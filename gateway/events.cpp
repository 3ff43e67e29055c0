// SPDX-License-Identifier: Apache-2.0
#include "gateway/events.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "gateway/text/json_text.h"

namespace inpaintd::gateway {
namespace {

using nlohmann::ordered_json;

void add(ordered_json& json, const QueuedState& state) {
  json["position"] = state.position ? ordered_json(*state.position) : ordered_json();
  json["eta_ms"] = state.eta ? ordered_json(state.eta->count()) : ordered_json();
  if (!state.note.empty()) json["note"] = state.note;
}

void add(ordered_json& json, const RunningState& state) {
  json["batch_size"] = state.batch_size;
  json["device"] = state.device;
}

void add(ordered_json& json, const TaskPicture& picture) {
  const Timings& times = picture.timings;
  const Rect& region = picture.region;
  json["url"] = fmt::format("/tasks/{}/result", json["task_id"].get_ref<const std::string&>());
  json["format"] = name(picture.format);
  json["width"] = picture.size.width;
  json["height"] = picture.size.height;
  json["bytes"] = picture.bytes();
  json["region"] = {region.x, region.y, region.width, region.height};
  json["timings_us"] = {{"decode", times.decode.count()},
                        {"queue", times.queue.count()},
                        {"infer", times.infer.count()},
                        {"encode", times.encode.count()},
                        {"total", times.total.count()}};
  json["batch_size"] = picture.batch_size;
  json["device"] = picture.device;
  json["model"] = picture.model;
  json["cached"] = picture.cached;
  if (picture.exact) json["exact"] = name(*picture.exact);
  for (const Note& note : picture.notes) json["notes"].push_back({{"code", note.code}, {"message", note.message}});
}

void add(ordered_json& json, const Problem& failed) { json.update(problem_json(failed)); }

const char* kind_of(const TaskState& state) {
  constexpr const char* kinds[] = {"queued", "running", "result", "error"};
  return kinds[state.index()];
}

std::string event_data(const std::string& id, const TaskState& state) {
  ordered_json json{{"task_id", id}};
  std::visit([&](const auto& each) { add(json, each); }, state);
  return json_text(json);
}

}  // namespace

ordered_json task_json(const std::string& id, const TaskState& state) {
  constexpr const char* statuses[] = {"queued", "running", "done", "error"};
  ordered_json json{{"task_id", id}, {"status", statuses[state.index()]}};
  if (const auto* failed = std::get_if<Problem>(&state)) {
    json["error"] = problem_json(*failed);
  } else {
    std::visit([&](const auto& each) { add(json, each); }, state);
  }
  return json;
}

EventQueue::EventQueue(std::vector<std::string> tasks, std::string_view last_id)
    : tasks_(std::move(tasks)), marks_(tasks_.size(), '0') {
  const bool ours = last_id.size() == marks_.size() && last_id.find_first_not_of("01") == std::string_view::npos;
  if (ours) marks_ = last_id;
}

void EventQueue::push(std::size_t task, const TaskState& state) {
  if (told(task) || closed_) return;
  const std::string kind = kind_of(state);
  std::erase_if(pending_, [&](const Event& event) { return event.task == task && event.kind == kind; });
  pending_.push_back({task, kind, event_data(tasks_[task], state)});
  tell_ready();
}

void EventQueue::close() {
  if (closed_) return;
  closed_ = true;
  const ordered_json data{{"message", "the gateway ends; reconnect in a moment"}, {"retry_after_ms", 2000}};
  pending_.push_back({tasks_.size(), "closing", json_text(data)});
  tell_ready();
}

std::string EventQueue::take() {
  std::string text;
  for (const Event& event : pending_) {
    if (event.kind == "result" || event.kind == "error") marks_[event.task] = '1';
    text += fmt::format("id: {}\nevent: {}\ndata: {}\n\n", marks_, event.kind, event.data);
  }
  pending_.clear();
  return text;
}

}  // namespace inpaintd::gateway
