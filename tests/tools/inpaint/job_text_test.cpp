// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint/job_text.h"

#include <doctest/doctest.h>

namespace inpaintd::tools {
namespace {

wire::JobState queued(const std::string& id) { return {.reply = wire::Queued{id}}; }

wire::JobState dead(const std::string& id) {
  return {.reply = wire::Failed{id, {ErrorCode::device_failed, "it ended every device"}},
          .deliveries = 5,
          .returned = 1,
          .dead = true};
}

}  // namespace

TEST_CASE("a state is told in one line") {
  CHECK(describe_job(queued("a.1")) == "queued");
  CHECK(describe_job({.reply = wire::Running{"a.1", 4, "cuda:0"}, .deliveries = 1}) ==
        "running in a batch of 4 on cuda:0");
  CHECK(describe_job({.reply = wire::Running{"a.1", 0, ""}, .deliveries = 2}) == "running (2 deliveries)");
  CHECK(describe_job(dead("a.1")) == "dead: device_failed: it ended every device (5 deliveries)");
  wire::Done done;
  done.format = Format::webp;
  done.size = {40, 30};
  done.timings.total = std::chrono::milliseconds(1250);
  CHECK(describe_job({.reply = done, .deliveries = 1}) == "done: 40x30 webp in 1.25 s");
}

TEST_CASE("the columns of the table are aligned to the longest id, and lines end without spaces") {
  CHECK(jobs_table({}) == "ID  STATUS   DELIVERIES  DETAIL\n");
  CHECK(jobs_table({queued("alice.1"), dead("a.1")}) ==
        "ID       STATUS   DELIVERIES  DETAIL\n"
        "alice.1  queued            0\n"
        "a.1      dead              5  device_failed: it ended every device\n");
}

TEST_CASE("all that is known about a job is told in lines and as JSON") {
  CHECK(job_lines(dead("a.1")) ==
        "id:         a.1\n"
        "status:     dead\n"
        "detail:     device_failed: it ended every device\n"
        "deliveries: 5, 1 of them returned\n");
  CHECK(job_json(dead("a.1")).dump() ==
        R"({"id":"a.1","status":"error","error":{"code":"device_failed","message":"it ended every device",)"
        R"("retryable":true},"deliveries":5,"returned":1,"dead":true})");
  CHECK(job_json({.reply = wire::Running{"a.1", 4, "cuda:0"}, .deliveries = 1}).dump() ==
        R"({"id":"a.1","status":"running","batch_size":4,"device":"cuda:0","deliveries":1,"returned":0,"dead":false})");
}

}  // namespace inpaintd::tools
