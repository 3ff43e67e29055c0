// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "bus/subjects.h"
#include "tests/e2e/jobs_fixture.h"
#include "tests/e2e/program_run.h"

namespace inpaintd::test {

/// A job that the stream has given to a worker.
struct TakenJob {
  Message message;  ///< its reply subject takes the acknowledgement
  Request request;
};

/// The demo picture as a durable job of `inpaint`.
std::vector<std::string> durable_arguments(const std::string& output, const std::string& url);
/// The id of that job.
std::string durable_demo_id();
/// Runs `inpaint jobs` to its end.
ProgramRun run_jobs_command(std::vector<std::string> arguments, const std::string& url);

/// A worker that does what a test says, for states that a real worker cannot be made to give at a certain moment. It
/// keeps its jobs for as long as a test takes.
class StandInWorker : public JobsBench {
 public:
  explicit StandInWorker(const std::string& extra_config = {}, const std::string& credentials = {});

  /// Waits for the next job of a priority, and reads it.
  TakenJob take(const std::string& priority = "normal");
  void acknowledge(const TakenJob& job);

  /// Writes the state of a job, whatever it was.
  void set(const std::string& id, const wire::JobState& state);
  /// Ends a job with an error, and acknowledges it.
  void fail(const TakenJob& job, ErrorCode code, const std::string& message);
  /// Ends a job with an error, and keeps its request in the stream of dead jobs.
  void give_up(const TakenJob& job);
  /// Stores the picture of a request as a PNG file, ends the job, and acknowledges it. Returns the file.
  std::string finish(const TakenJob& job);

  KeyValue states{*connection, std::string(jobs_bucket), long_enough};
};

}  // namespace inpaintd::test
