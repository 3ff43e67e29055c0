// SPDX-License-Identifier: Apache-2.0
#include "bus/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bus/bucket_stream.h"
#include "bus/jetstream.h"
#include "bus/object_store.h"
#include "bus/subjects.h"

namespace inpaintd {
namespace {

using nlohmann::json;
using std::chrono::nanoseconds;

constexpr int not_found = 404;
/// Within this time the stream of jobs takes no second message with the same `Nats-Msg-Id`.
constexpr std::chrono::minutes duplicate_window{5};
/// A worker that holds a job says so three times within this time; otherwise another worker gets the job.
constexpr std::chrono::seconds ack_wait{30};
/// Jobs that all workers together may hold.
constexpr int held_max = 10'000;

json stream(std::string_view name, std::vector<std::string> subjects, std::chrono::seconds age, std::int64_t bytes,
            int replicas) {
  return {{"name", name},       {"subjects", std::move(subjects)},
          {"storage", "file"},  {"max_age", nanoseconds(age).count()},
          {"max_bytes", bytes}, {"num_replicas", replicas}};
}

json with(json config, const json& more) {
  config.update(more);
  return config;
}

json consumer(std::string_view prefix, Priority priority) {
  return {{"durable_name", name(priority)},
          {"filter_subject", job_subject(prefix, priority)},
          {"deliver_policy", "all"},
          {"ack_policy", "explicit"},
          {"ack_wait", nanoseconds(ack_wait).count()},
          {"max_deliver", -1},  // workers count: a message beyond this limit would stay in the stream, and never leave
          {"max_ack_pending", held_max},
          {"replay_policy", "instant"}};
}

/// Servers leave out members that are 0, false or empty.
bool is_nothing(const json& value) { return value == 0 || value == false || value == "" || value.is_null(); }

}  // namespace

struct Layout::Part {
  std::string name;
  std::string info, make, change;  ///< methods of the JetStream API
  json config;                     ///< as it should be
  json envelope = {};              ///< with the config as its member `config`; null: the config alone

  static Part of_stream(std::string name, json config) {
    const std::string stream = config["name"];
    return {std::move(name), "STREAM.INFO." + stream, "STREAM.CREATE." + stream, "STREAM.UPDATE." + stream,
            std::move(config)};
  }
  static Part of_consumer(json config) {
    const std::string at = fmt::format("{}.{}", jobs_stream, config["durable_name"].get<std::string>());
    const std::string make = "CONSUMER.DURABLE.CREATE." + at;
    return {"consumer " + at, "CONSUMER.INFO." + at, make, make, std::move(config), {{"stream_name", jobs_stream}}};
  }
};

Layout::Layout(Connection& connection, const LayoutOptions& options, std::chrono::milliseconds timeout)
    : connection_(connection), timeout_(timeout) {
  const auto& [prefix, pictures_age, pictures_bytes, jobs_age, jobs_bytes, dead_age, dead_bytes, replicas] = options;
  parts_.push_back(
      Part::of_stream(fmt::format("bucket {}", pictures_bucket),
                      bucket_stream(std::string(pictures_bucket), {pictures_age, pictures_bytes, replicas})));
  parts_.push_back(Part::of_stream(
      fmt::format("bucket {}", jobs_bucket),
      with(stream(fmt::format("KV_{}", jobs_bucket), {fmt::format("$KV.{}.>", jobs_bucket)}, jobs_age, -1, replicas),
           {{"retention", "limits"},
            {"discard", "new"},
            {"max_msgs_per_subject", 1},
            {"allow_rollup_hdrs", true},
            {"allow_direct", true},
            {"deny_delete", true}})));
  parts_.push_back(Part::of_stream(
      fmt::format("stream {}", dead_jobs_stream),
      with(stream(dead_jobs_stream, {dead_job_subject(prefix, ">")}, dead_age, dead_bytes, replicas),
           {{"retention", "limits"}, {"discard", "old"}, {"max_msgs_per_subject", 1}, {"allow_direct", true}})));
  std::vector<std::string> subjects;
  for (const Priority priority : {Priority::high, Priority::normal, Priority::low})
    subjects.push_back(job_subject(prefix, priority));
  parts_.push_back(Part::of_stream(fmt::format("stream {}", jobs_stream),
                                   with(stream(jobs_stream, subjects, jobs_age, jobs_bytes, replicas),
                                        {{"retention", "workqueue"},
                                         {"discard", "new"},
                                         {"duplicate_window", nanoseconds(duplicate_window).count()}})));
  for (const Priority priority : {Priority::high, Priority::normal, Priority::low})
    parts_.push_back(Part::of_consumer(consumer(prefix, priority)));
}

Layout::~Layout() = default;

std::vector<std::string> Layout::parts() const {
  std::vector<std::string> names;
  for (const Part& part : parts_) names.push_back(part.name);
  return names;
}

Result<std::optional<std::vector<std::string>>> Layout::differences(const std::string& part) {
  const Part& wanted = find(part);
  const auto present = JetStream(connection_, timeout_).call(wanted.info);
  if (!present && present.error().code == not_found) return std::optional<std::vector<std::string>>();
  if (!present) return Error{ErrorCode::store_failed, fmt::format("{}: {}", part, present.error().message)};
  const json config = present->value("config", json::object());
  std::vector<std::string> differences;
  for (const auto& [key, value] : wanted.config.items()) {
    const json found = config.value(key, json());
    if (found != value && !(is_nothing(found) && is_nothing(value)))
      differences.push_back(fmt::format("{}: {} instead of {}", key, found.dump(), value.dump()));
  }
  return std::optional(std::move(differences));
}

Status Layout::make(const std::string& part) { return configure(part, false); }

Status Layout::change(const std::string& part) { return configure(part, true); }

Status Layout::configure(const std::string& part, bool exists) {
  const Part& wanted = find(part);
  json body = wanted.config;
  if (!wanted.envelope.is_null()) {
    body = wanted.envelope;
    body["config"] = wanted.config;
  }
  const auto done = JetStream(connection_, timeout_).call(exists ? wanted.change : wanted.make, body);
  if (!done) return Error{ErrorCode::store_failed, fmt::format("{}: {}", part, done.error().message)};
  return Ok{};
}

const Layout::Part& Layout::find(const std::string& name) const {
  return *std::ranges::find(parts_, name, &Part::name);
}

}  // namespace inpaintd
