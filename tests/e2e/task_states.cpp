// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/task_states.h"

#include <doctest/doctest.h>

#include "bus/subjects.h"
#include "tests/support/eventually.h"

namespace inpaintd::test {

TaskStates::TaskStates(Connection& connection)
    : connection_(connection),
      jobs_(connection, "inpaint", long_enough),
      states_(connection, std::string(jobs_bucket), long_enough),
      pictures_(connection, std::string(pictures_bucket), long_enough) {}

void TaskStates::set(const std::string& task, const wire::Reply& reply) {
  const auto entry = states_.get(job(task));
  REQUIRE(entry);
  REQUIRE(*entry);
  const wire::JobState state{.reply = reply, .deliveries = 1};
  const std::string value = wire::encode_job_state(state);
  REQUIRE(*states_.update(job(task), as_bytes(value), (*entry)->revision));
  if (state.is_final()) REQUIRE(connection_.publish(job_ended_subject("inpaint", job(task)), as_bytes(value)));
}

void TaskStates::finish(const std::string& task, const std::string& picture) {
  REQUIRE(pictures_.put(job_result(job(task)).name, as_bytes(picture)));
  wire::Done done;
  done.id = job(task);
  done.result = job_result(job(task));
  done.format = Format::jpeg;
  done.size = {768, 512};
  done.region = {0, 0, 768, 512};
  done.notes = {{"mask_empty", "the mask has no hole"}};
  set(task, done);
}

std::string TaskStates::status(const std::string& task) {
  const auto state = jobs_.state(job(task));
  REQUIRE(state);
  return *state ? std::string((*state)->status()) : "none";
}

void TaskStates::remove(const ObjectName& object) { REQUIRE(pictures_.remove(object.name)); }

}  // namespace inpaintd::test
