// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "bus/wire/wire.h"

namespace inpaintd::tools {

/// "queued", "running", "done", "error", or "dead" for an error after which the job is kept.
std::string_view job_status(const wire::JobState& state);

/// What a state tells beside its status: "in a batch of 4 on cuda:0", "512x384 png in 0.85 s", "device_failed: ...".
std::string job_detail(const wire::JobState& state);

/// Status and detail in one line for people.
std::string describe_job(const wire::JobState& state);

/// A table with a header, one line for each state, and aligned columns.
std::string jobs_table(const std::vector<wire::JobState>& states);

/// A state with the keys of docs/protocol.md.
nlohmann::ordered_json job_json(const wire::JobState& state);

/// One "key: value" a line, for people.
std::string job_lines(const wire::JobState& state);

/// The id of the job of a state.
std::string_view job_id_of(const wire::JobState& state);

}  // namespace inpaintd::tools
