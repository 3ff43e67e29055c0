// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint/job_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

namespace inpaintd::tools {
namespace {

using nlohmann::ordered_json;

std::string size_text(Size size) { return fmt::format("{}x{}", size.width, size.height); }

std::string error_text(const Error& error) { return fmt::format("{}: {}", info(error.code).name, error.message); }

std::string text_of(const ObjectName& object) { return fmt::format("{} in the bucket {}", object.name, object.bucket); }

struct Detail {
  std::string operator()(const wire::Queued&) const { return {}; }
  std::string operator()(const wire::Running& running) const {
    return running.device.empty() ? "" : fmt::format("in a batch of {} on {}", running.batch_size, running.device);
  }
  std::string operator()(const wire::Done& done) const {
    return fmt::format("{} {} in {:.2f} s", size_text(done.size), name(done.format),
                       std::chrono::duration<double>(done.timings.total).count());
  }
  std::string operator()(const wire::Failed& failed) const { return error_text(failed.error); }
};

/// Adds the keys of a reply beside its id and status.
struct AddKeys {
  ordered_json& out;

  void operator()(const wire::Queued&) const {}  // the position of a job in its stream is not known
  void operator()(const wire::Running& running) const {
    out["batch_size"] = running.batch_size;
    out["device"] = running.device;
  }
  void operator()(const wire::Done& done) const {
    if (done.result) out["result"] = {{"bucket", done.result->bucket}, {"name", done.result->name}};
    out["format"] = name(done.format);
    out["width"] = done.size.width;
    out["height"] = done.size.height;
    out["timings_us"] = {{"decode", done.timings.decode.count()},
                         {"queue", done.timings.queue.count()},
                         {"infer", done.timings.infer.count()},
                         {"encode", done.timings.encode.count()},
                         {"total", done.timings.total.count()}};
    out["batch_size"] = done.batch_size;
    out["device"] = done.device;
    out["model"] = done.model;
    out["cached"] = done.cached;
    out["service"] = done.service;
    if (done.exact) out["exact"] = name(*done.exact);
    for (const Note& note : done.notes) out["notes"].push_back({{"code", note.code}, {"message", note.message}});
  }
  void operator()(const wire::Failed& failed) const {
    out["error"] = {{"code", info(failed.error.code).name},
                    {"message", failed.error.message},
                    {"retryable", info(failed.error.code).retryable}};
  }
};

}  // namespace

std::string_view job_id_of(const wire::JobState& state) {
  return std::visit([](const auto& each) { return std::string_view(each.id); }, state.reply);
}

std::string_view job_status(const wire::JobState& state) { return state.dead ? "dead" : state.status(); }

std::string job_detail(const wire::JobState& state) { return std::visit(Detail{}, state.reply); }

std::string describe_job(const wire::JobState& state) {
  std::string text(job_status(state));
  const std::string detail = job_detail(state);
  if (!detail.empty()) text += (state.is_final() ? ": " : " ") + detail;
  if (state.deliveries > 1) text += fmt::format(" ({} deliveries)", state.deliveries);
  return text;
}

std::string jobs_table(const std::vector<wire::JobState>& states) {
  std::size_t width = 2;
  for (const auto& state : states) width = std::max(width, job_id_of(state).size());
  std::string table = fmt::format("{:{}}  {:7}  {:10}  {}\n", "ID", width, "STATUS", "DELIVERIES", "DETAIL");
  for (const auto& state : states) {
    std::string line = fmt::format("{:{}}  {:7}  {:10}  {}", job_id_of(state), width, job_status(state),
                                   state.deliveries, job_detail(state));
    line.erase(line.find_last_not_of(' ') + 1);
    table += line + '\n';
  }
  return table;
}

ordered_json job_json(const wire::JobState& state) {
  ordered_json out{{"id", job_id_of(state)}, {"status", state.status()}};
  std::visit(AddKeys{out}, state.reply);
  out["deliveries"] = state.deliveries;
  out["returned"] = state.returned;
  out["dead"] = state.dead;
  return out;
}

std::string job_lines(const wire::JobState& state) {
  std::string text;
  const auto add = [&text](std::string_view key, std::string_view value) {
    if (!value.empty()) text += fmt::format("{:12}{}\n", fmt::format("{}:", key), value);
  };
  add("id", job_id_of(state));
  add("status", job_status(state));
  add("detail", job_detail(state));
  add("deliveries", state.returned > 0 ? fmt::format("{}, {} of them returned", state.deliveries, state.returned)
                                       : fmt::format("{}", state.deliveries));
  if (const auto* done = std::get_if<wire::Done>(&state.reply)) {
    if (done->result) add("result", text_of(*done->result));
    add("device", done->device);
    add("model", done->model);
    add("worker", done->service);
    for (const Note& note : done->notes) add("note", note.message);
  }
  return text;
}

}  // namespace inpaintd::tools
