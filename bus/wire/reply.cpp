// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "bus/wire/map_reader.h"
#include "bus/wire/map_writer.h"
#include "bus/wire/wire.h"

namespace inpaintd::wire {
namespace {

/// The value of `status` for each alternative of Reply.
constexpr std::string_view status_names[std::variant_size_v<Reply>] = {"done", "error", "queued", "running"};

constexpr std::pair<std::string_view, Microseconds Timings::*> timing_keys[] = {
    {"decode", &Timings::decode}, {"queue", &Timings::queue}, {"infer", &Timings::infer},
    {"encode", &Timings::encode}, {"total", &Timings::total},
};

Result<Timings> read_timings(const Value& value, const std::string& path) {
  MapReader map(value, path, UnknownKeys::ignore);
  Timings timings;
  for (const auto& [key, member] : timing_keys) map.required(key, timings.*member, integer<Microseconds>());
  return map.finish(timings);
}

void write_timings(Sink& out, const Timings& timings) {
  MapWriter map(out);
  for (const auto& [key, member] : timing_keys) map.add(key, timings.*member);
}

Result<ErrorCode> read_code(const Value& value, const std::string& path) {
  const auto name = read_text(value, path);
  if (!name) return name.error();
  return error_code(*name).value_or(ErrorCode::internal);  // a newer service may have more codes
}

/// Reads the value of the key `error` into a reply without its id.
Result<Failed> read_error(const Value& value, const std::string& path) {
  MapReader map(value, path, UnknownKeys::ignore);
  Failed failed;
  map.required("code", failed.error.code, read_code);
  map.required("message", failed.error.message, read_text);
  (void)map.require("retryable");  // follows from the code
  map.optional("retry_after_ms", failed.error.retry_after, integer<std::chrono::milliseconds>());
  return map.finish(std::move(failed));
}

void write_error(Sink& out, const Error& error) {
  MapWriter map(out);
  map.add("code", info(error.code).name);
  map.add("message", error.message);
  map.add("retryable", info(error.code).retryable);
  if (error.retry_after) map.add("retry_after_ms", *error.retry_after);
}

Result<Rect> read_region(const Value& value, const std::string& path) { return read_rect(value, path, 0); }

Result<Note> read_note(const Value& value, const std::string& path) {
  MapReader map(value, path, UnknownKeys::ignore);
  Note note;
  map.required("code", note.code, read_text);
  map.required("message", note.message, read_text);
  return map.finish(std::move(note));
}

Result<std::vector<Note>> read_notes(const Value& value, const std::string& path) {
  return read_array<Note>(value, path, "an array of {code, message}", read_note);
}

void write_notes(Sink& out, const std::vector<Note>& notes) {
  Packer(out).pack_array(static_cast<std::uint32_t>(notes.size()));
  for (const Note& note : notes) {
    MapWriter map(out);
    map.add("code", note.code);
    map.add("message", note.message);
  }
}

Result<Exact> read_exact(const Value& value, const std::string& path) {
  const auto name = read_text(value, path);
  if (!name) return name.error();
  return from_name<Exact>(*name).value_or(Exact::recoded);  // a newer service may have more names
}

Result<Reply> read_done(MapReader& map, std::string id) {
  Done done;
  done.id = std::move(id);
  map.optional("image", done.image, read_bytes);
  map.optional("result", done.result, read_object);
  if (!done.result && done.image.empty()) (void)map.require("image");
  map.required("format", done.format, read_name<Format>);
  map.required("width", done.size.width, integer<int>(1, coordinate_max));
  map.required("height", done.size.height, integer<int>(1, coordinate_max));
  map.required("region", done.region, read_region);
  map.required("timings_us", done.timings, read_timings);
  map.required("batch_size", done.batch_size, integer<std::size_t>());
  map.required("device", done.device, read_text);
  map.required("model", done.model, read_text);
  map.required("cached", done.cached, read_flag);
  map.required("service", done.service, read_text);
  map.optional("exact", done.exact, read_exact);
  map.optional("notes", done.notes, read_notes);
  return map.finish<Reply>(std::move(done));
}

void write_fields(MapWriter& map, const Done& done) {
  if (done.result)
    map.add("result", *done.result, write_object);
  else
    map.add("image", done.image);
  map.add("format", done.format);
  map.add("width", done.size.width);
  map.add("height", done.size.height);
  map.add("region", done.region);
  map.add("timings_us", done.timings, write_timings);
  map.add("batch_size", done.batch_size);
  map.add("device", done.device);
  map.add("model", done.model);
  map.add("cached", done.cached);
  map.add("service", done.service);
  if (done.exact) map.add("exact", *done.exact);
  if (!done.notes.empty()) map.add("notes", done.notes, write_notes);
}

Result<Reply> read_failed(MapReader& map, std::string id) {
  Failed failed;
  map.required("error", failed, read_error);
  failed.id = std::move(id);
  return map.finish<Reply>(std::move(failed));
}

void write_fields(MapWriter& map, const Failed& failed) { map.add("error", failed.error, write_error); }

Result<Reply> read_queued(MapReader& map, std::string id) {
  Queued queued;
  queued.id = std::move(id);
  map.required("position", queued.position, integer<std::size_t>());
  map.required("eta_ms", queued.eta, integer<std::chrono::milliseconds>());
  return map.finish<Reply>(std::move(queued));
}

void write_fields(MapWriter& map, const Queued& queued) {
  map.add("position", queued.position);
  map.add("eta_ms", queued.eta);
}

Result<Reply> read_running(MapReader& map, std::string id) {
  Running running;
  running.id = std::move(id);
  map.required("batch_size", running.batch_size, integer<std::size_t>());
  map.required("device", running.device, read_text);
  return map.finish<Reply>(std::move(running));
}

void write_fields(MapWriter& map, const Running& running) {
  map.add("batch_size", running.batch_size);
  map.add("device", running.device);
}

Result<Reply> read_with_status(MapReader& map, const std::string& status, std::string id) {
  if (status == "done") return read_done(map, std::move(id));
  if (status == "error") return read_failed(map, std::move(id));
  if (status == "queued") return read_queued(map, std::move(id));
  if (status == "running") return read_running(map, std::move(id));
  if (const Status read = map.finish(Ok{}); !read) return read.error();
  return Error{ErrorCode::internal, fmt::format("`status` is unknown: {}", printable(status))};
}

Result<Reply> read_reply(Bytes message) {
  MapReader map(message, UnknownKeys::ignore);
  std::string status, id;
  map.required("status", status, read_text);
  if (std::ranges::count(status_names, status) > 0) map.required("id", id, read_text);
  return read_with_status(map, status, std::move(id));
}

void write_reply(MapWriter& map, const Reply& reply) {
  map.add("id", std::visit([](const auto& each) { return std::string_view(each.id); }, reply));
  map.add("status", status_names[reply.index()]);
  std::visit([&](const auto& each) { write_fields(map, each); }, reply);
}

Result<JobState> read_job_state(const std::string& id, Bytes value) {
  MapReader map(value, UnknownKeys::ignore);
  JobState state;
  std::string status;
  map.required("status", status, read_text);
  map.optional("deliveries", state.deliveries, integer<int>());
  map.optional("returned", state.returned, integer<int>());
  map.optional("dead", state.dead, read_flag);
  if (status == "queued") {
    Queued queued{id};
    map.optional("position", queued.position, integer<std::size_t>());
    map.optional("eta_ms", queued.eta, integer<std::chrono::milliseconds>());
    state.reply = std::move(queued);
    return map.finish(std::move(state));
  }
  auto reply = read_with_status(map, status, id);
  if (!reply) return std::move(reply.error());
  state.reply = std::move(*reply);
  return state;
}

}  // namespace

bool concerns(Bytes message, std::string_view id) {
  const std::string own = salvage_id(message);
  if (!own.empty()) return own == id;
  const auto reply = read_reply(message);
  const auto* failed = reply ? std::get_if<Failed>(&*reply) : nullptr;
  return failed != nullptr && failed->id.empty();
}

std::string encode_reply(const Reply& reply) {
  Sink out;
  const auto* done = std::get_if<Done>(&reply);
  out.bytes.reserve((done != nullptr ? done->image.size() : 0) + small_message_bytes);
  MapWriter map(out);
  write_reply(map, reply);
  return std::move(out.bytes);
}

bool JobState::is_final() const { return std::holds_alternative<Done>(reply) || std::holds_alternative<Failed>(reply); }

std::string_view JobState::status() const { return status_names[reply.index()]; }

std::string encode_job_state(const JobState& state) {
  Sink out;
  MapWriter map(out);
  write_reply(map, state.reply);
  map.add("deliveries", state.deliveries);
  if (state.returned > 0) map.add("returned", state.returned);
  if (state.dead) map.add("dead", state.dead);
  return std::move(out.bytes);
}

Result<JobState> decode_job_state(const std::string& id, Bytes value) {
  auto state = read_job_state(id, value);
  if (!state)
    return Error{ErrorCode::internal, fmt::format("the state of job {} cannot be read: {}", id, state.error().message)};
  return state;
}

Result<Reply> decode_reply(Bytes message) {
  auto reply = read_reply(message);
  if (!reply)
    return Error{ErrorCode::internal, fmt::format("the service's reply cannot be read: {}", reply.error().message)};
  return reply;
}

}  // namespace inpaintd::wire
