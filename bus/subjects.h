// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "bus/object_store.h"
#include "core/request.h"

/// The subjects of docs/protocol.md. `prefix` is the setting nats.prefix.
namespace inpaintd {

/// Where requests of `priority` are published: `<prefix>.v1.run`, `.run.high` or `.run.low`.
inline std::string run_subject(std::string_view prefix, Priority priority = Priority::normal) {
  const std::string subject = fmt::format("{}.v1.run", prefix);
  return priority == Priority::normal ? subject : fmt::format("{}.{}", subject, name(priority));
}

/// Where cancellations are published.
inline std::string cancel_subject(std::string_view prefix) { return fmt::format("{}.v1.cancel", prefix); }

/// Where durable jobs of `priority` are published.
inline std::string job_subject(std::string_view prefix, Priority priority) {
  return fmt::format("{}.v1.jobs.{}", prefix, name(priority));
}

/// Where a worker tells that the job `id` has ended. `>` as id means all jobs.
inline std::string job_ended_subject(std::string_view prefix, std::string_view id) {
  return fmt::format("{}.v1.jobs.done.{}", prefix, id);
}

/// Under which the job `id` is kept when it was given up. `>` as id means all jobs.
inline std::string dead_job_subject(std::string_view prefix, std::string_view id) {
  return fmt::format("{}.v1.jobs.dead.{}", prefix, id);
}

/// The streams and the bucket of durable jobs (docs/protocol.md). The pictures are in `pictures_bucket`.
inline constexpr std::string_view jobs_stream = "INPAINT_JOBS";
inline constexpr std::string_view dead_jobs_stream = "INPAINT_DEAD";
inline constexpr std::string_view jobs_bucket = "inpaint_jobs";

/// True for the id of a durable job, OWNER.NAME: an id of a request that is also a key of a bucket.
constexpr bool valid_job_id(std::string_view id) {
  return valid_id(id) && id.find(':') == std::string_view::npos && id.find("..") == std::string_view::npos &&
         id.find('.') != std::string_view::npos && id.front() != '.' && id.back() != '.';
}

/// `<kind>/OWNER/NAME<part>` in `pictures_bucket`: where the pictures of the job `id` are kept.
inline ObjectName job_object(std::string_view kind, std::string_view id, std::string_view part = {}) {
  const std::size_t dot = id.find('.');
  return {std::string(pictures_bucket), fmt::format("{}/{}/{}{}", kind, id.substr(0, dot), id.substr(dot + 1), part)};
}
/// The inputs of a job, which the worker removes at the end of the job, and its result.
inline ObjectName job_image(std::string_view id) { return job_object("in", id, "/image"); }
inline ObjectName job_mask(std::string_view id) { return job_object("in", id, "/mask"); }
inline ObjectName job_result(std::string_view id) { return job_object("out", id); }

}  // namespace inpaintd
