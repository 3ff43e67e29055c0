// SPDX-License-Identifier: Apache-2.0
// Tasks: their start, their state, their events, their results.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/trace.h"
#include "gateway/api.h"
#include "gateway/routes.h"
#include "gateway/text/json_text.h"
#include "http/header_value.h"

namespace inpaintd::gateway {
namespace {

using nlohmann::ordered_json;
using std::chrono::milliseconds;

Problem unknown_task() {
  return not_found("there is no such task: it is unknown, or was finished too long ago; send the picture again");
}

std::string content_type(Format format) {
  return format == Format::raw ? "application/octet-stream" : fmt::format("image/{}", name(format));
}

/// For the developer tools of browsers, in milliseconds.
std::string server_timing(const Timings& times) {
  const auto ms = [](Microseconds time) { return std::chrono::duration<double, std::milli>(time).count(); };
  return fmt::format("decode;dur={:.1f}, queue;dur={:.1f}, infer;dur={:.1f}, encode;dur={:.1f}, total;dur={:.1f}",
                     ms(times.decode), ms(times.queue), ms(times.infer), ms(times.encode), ms(times.total));
}

/// The codes of the notes, for clients that get the picture and not the task's state.
std::string note_codes_of(const TaskPicture& picture) {
  std::string codes;
  for (const Note& note : picture.notes) codes += (codes.empty() ? "" : ", ") + note.code;
  return codes;
}

HttpReply picture_reply(const std::string& id, const TaskPicture& picture) {
  HttpReply reply{200,
                  {{"Content-Type", content_type(picture.format)},
                   {"Cache-Control", "no-store"},
                   {"X-Task-Id", id},
                   {"Server-Timing", server_timing(picture.timings)}},
                  {picture.owner, picture.image}};
  if (picture.format == Format::raw) {
    reply.headers.emplace_back("X-Image-Width", std::to_string(picture.size.width));
    reply.headers.emplace_back("X-Image-Height", std::to_string(picture.size.height));
  }
  if (picture.exact) reply.headers.emplace_back("X-Exact", name(*picture.exact));
  if (!picture.notes.empty()) reply.headers.emplace_back("X-Notes", note_codes_of(picture));
  return reply;
}

HttpReply accepted_reply(const std::string& id) {
  HttpReply reply = json_reply(202, {{"status", "queued"}, {"task_id", id}});
  reply.headers.emplace_back("Location", fmt::format("/tasks/{}", id));
  return reply;
}

/// Whether, and how long, a client wants to wait for the picture: `?wait=1`, or `Prefer: wait=SECONDS` (RFC 7240).
struct Wait {
  bool wanted = false;
  std::optional<milliseconds> limit;
};

Wait wait_of(const HttpRequest& request) {
  if (const auto given = request.target.value("wait")) return {*given != "0" && *given != "false", std::nullopt};
  std::string_view prefer = request.header("prefer");
  while (!prefer.empty()) {
    const std::size_t end = std::min(prefer.find(','), prefer.size());
    const std::string preference = lower_case(trimmed(prefer.substr(0, end)));
    prefer.remove_prefix(std::min(end + 1, prefer.size()));
    if (!preference.starts_with("wait=")) continue;
    int seconds = 0;
    const char* text_end = preference.data() + preference.size();
    const auto [stop, failure] = std::from_chars(preference.data() + 5, text_end, seconds);
    if (failure == std::errc() && stop == text_end && seconds >= 0)
      return {seconds > 0, std::chrono::seconds(std::min(seconds, 3600))};
  }
  return {};
}

}  // namespace

std::vector<std::string> Api::tasks_in(const HttpTarget& target) {
  if (target.path.starts_with("/tasks/")) return {std::string(part(target.path, 1))};
  std::vector<std::string> ids;
  if (target.path != "/events") return ids;
  for (const auto& [name, value] : target.query)
    if (name == "task" && std::ranges::find(ids, value) == ids.end()) ids.push_back(value);
  return ids;
}

void Api::inpaint(const HttpExchangePtr& exchange) {
  read(exchange, Contract::own,
       [](const HttpRequest& head, std::string_view body) { return read_own(head.header("content-type"), body); });
}

void Api::read(const HttpExchangePtr& exchange, Contract contract,
               std::function<Result<Ask>(const HttpRequest& head, std::string_view body)> reader) {
  struct Work {
    HttpRequest request;
    std::optional<Result<Ask>> ask;
  };
  auto work = std::make_shared<Work>();
  work->request.headers = exchange->request().headers;
  work->request.body = std::move(exchange->request().body);
  work->request.body_place = std::move(exchange->request().body_place);
  loop_.offload([this, exchange, contract, work, reader = std::move(reader)] {
    try {
      work->ask = reader(work->request, work->request.body);
    } catch (const std::exception&) {
      work->ask = Error{ErrorCode::overloaded, "the gateway has no memory left to read the request; try again"};
    }
    std::string().swap(work->request.body);
    loop_.post([this, exchange, contract, work] {
      work->request.body_place.reset();
      submit(exchange, contract, std::move(*work->ask));
    });
  });
}

void Api::submit(const HttpExchangePtr& exchange, Contract contract, Result<Ask> ask) {
  if (!ask) return exchange->answer(problem_reply(contract, problem(ask.error())));
  const HttpRequest& request = exchange->request();
  contract = ask->contract;
  Submission& submission = ask->submission;
  const auto token = access_.check_token(request);
  if (submission.priority == Priority::high && !std::get<Token>(token).high)
    return exchange->answer(problem_reply(
        contract, forbidden("the priority high needs a token that allows it; use normal or low, or ask the operator")));
  if (const auto trace = request.header("traceparent"); valid_traceparent(trace)) submission.traceparent = trace;
  const Wait wait = wait_of(request);
  const bool wants_picture = contract == Contract::lama_cleaner && !request.target.value("wait") ? true : wait.wanted;
  const bool at_end = wants_picture || contract == Contract::iopaint || contract == Contract::clipdrop;
  submission.attached = at_end && !wait.limit;
  tasks_.submit(std::move(submission), [this, exchange, contract, at_end, limit = wait.limit](const auto& started) {
    if (const auto* problem = std::get_if<Problem>(&started))
      return exchange->answer(problem_reply(contract, *problem));
    const std::string& id = std::get<std::string>(started);
    at_end ? answer_at_end(exchange, contract, id, limit) : answer_at_start(exchange, contract, id);
  });
}

void Api::answer_at_end(const HttpExchangePtr& exchange, Contract contract, const std::string& id,
                        std::optional<milliseconds> limit) {
  const TaskState* now = tasks_.find(id);
  if (now == nullptr) return exchange->answer(problem_reply(contract, unknown_task()));
  if (is_final(*now)) return answer_end(exchange, contract, id, *now);
  const std::weak_ptr<HttpExchange> waiting = exchange;
  exchange->kept = tasks_.watch(id, [this, waiting, contract](const std::string& task, const TaskState& state) {
    const auto still = waiting.lock();
    if (still && is_final(state)) answer_end(still, contract, task, state);
  });
  if (!limit) return;
  loop_.after(*limit, [waiting, id] {
    if (const auto still = waiting.lock()) still->answer(accepted_reply(id));
  });
}

void Api::answer_end(const HttpExchangePtr& exchange, Contract contract, const std::string& id, const TaskState& end) {
  tasks_.fetch(end, [exchange, contract, id](const TaskState& state) {
    if (const auto* picture = std::get_if<TaskPicture>(&state)) return exchange->answer(picture_reply(id, *picture));
    exchange->answer(problem_reply(contract, std::get<Problem>(state)));
  });
}

void Api::answer_at_start(const HttpExchangePtr& exchange, Contract contract, const std::string& id) {
  const auto start_reply = [contract](const std::string& task, const TaskState& state) {
    const auto* problem = std::get_if<Problem>(&state);
    return problem == nullptr ? accepted_reply(task) : problem_reply(contract, *problem);
  };
  if (const TaskState* now = tasks_.find(id); now != nullptr && is_final(*now))
    return exchange->answer(start_reply(id, *now));
  const std::weak_ptr<HttpExchange> waiting = exchange;
  exchange->kept = tasks_.watch(id, [waiting, start_reply](const std::string& task, const TaskState& state) {
    if (const auto still = waiting.lock()) still->answer(start_reply(task, state));
  });
  loop_.after(settings_.first_word_time, [waiting, id] {
    if (const auto still = waiting.lock()) still->answer(accepted_reply(id));
  });
}

void Api::task(const HttpExchangePtr& exchange) {
  const std::string id(part(exchange->request().target.path, 1));
  const TaskState* state = tasks_.find(id);
  if (state == nullptr) return exchange->answer(problem_reply(Contract::own, unknown_task()));
  HttpReply reply = json_reply(200, task_json(id, *state));
  reply.headers.emplace_back("Cache-Control", "no-store");
  exchange->answer(std::move(reply));
}

void Api::cancel(const HttpExchangePtr& exchange) {
  const std::string id(part(exchange->request().target.path, 1));
  if (tasks_.find(id) == nullptr) return exchange->answer(problem_reply(Contract::own, unknown_task()));
  tasks_.cancel(id, [this, exchange, id](const std::optional<Problem>& failure) {
    if (failure) return exchange->answer(problem_reply(Contract::own, *failure));
    const TaskState* state = tasks_.find(id);
    exchange->answer(state == nullptr ? HttpReply{204, {}, {}} : json_reply(200, task_json(id, *state)));
  });
}

void Api::result(const HttpExchangePtr& exchange) {
  const std::string id(part(exchange->request().target.path, 1));
  const TaskState* state = tasks_.find(id);
  const Wait wait = wait_of(exchange->request());
  if (state == nullptr || is_final(*state) || wait.wanted)
    return answer_at_end(exchange, Contract::own, id, wait.limit);
  exchange->answer(problem_reply(
      Contract::own, {409, "not_finished", "the task is not finished; ask again later, or add ?wait=1", true}));
}

void Api::task_events(const HttpExchangePtr& exchange) {
  stream(exchange, {std::string(part(exchange->request().target.path, 1))});
}

void Api::events(const HttpExchangePtr& exchange) {
  std::vector<std::string> ids = tasks_in(exchange->request().target);
  if (ids.empty() || ids.size() > stream_tasks_max)
    return exchange->answer(problem_reply(
        Contract::own, problem(ErrorCode::bad_request,
                               fmt::format("name 1 to {} tasks, as in /events?task=A&task=B", stream_tasks_max))));
  stream(exchange, std::move(ids));
}

void Api::stream(const HttpExchangePtr& exchange, std::vector<std::string> ids) {
  const bool any = std::ranges::any_of(ids, [this](const std::string& id) { return tasks_.find(id) != nullptr; });
  if (!any) return exchange->answer(problem_reply(Contract::own, unknown_task()));
  const auto queue = std::make_shared<EventQueue>(std::move(ids), exchange->request().header("last-event-id"));
  // EventSource reconnects after a normal end; 204 tells it to stop.
  if (queue->all_told()) return exchange->answer(HttpReply{204, {}, {}});
  for (std::size_t i = 0; i < queue->tasks().size(); ++i) {
    const std::string& id = queue->tasks()[i];
    const TaskState* state = tasks_.find(id);
    queue->push(i, state == nullptr ? TaskState(unknown_task()) : *state);
    if (state == nullptr || is_final(*state)) continue;
    queue->watches.push_back(tasks_.watch(id, [i, weak = std::weak_ptr(queue)](const auto&, const TaskState& changed) {
      if (const auto still = weak.lock()) still->push(i, changed);
    }));
  }
  exchange->answer(queue);
}

}  // namespace inpaintd::gateway
