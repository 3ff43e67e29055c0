// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bus/jobs.h"
#include "bus/key_value.h"
#include "bus/object_store.h"
#include "tests/e2e/program_run.h"
#include "tests/support/nats_server.h"

namespace inpaintd::test {

/// A job that the stream has given to a worker.
struct Delivery {
  Message message;  ///< its reply subject takes the acknowledgement
  Request request;
};

/// A NATS server with the streams and buckets of durable jobs, and a worker that does what a test says, for states that
/// no real worker can be made to give.
class StandInWorker {
 public:
  /// `extra_config`: of the NATS server. `credentials`: "user:password@", where the server wants some.
  explicit StandInWorker(const std::string& extra_config = {}, const std::string& credentials = {});

  /// Waits for the next job of a priority, and reads it.
  Delivery take(const std::string& priority = "normal");
  void acknowledge(const Delivery& job);

  /// Writes the state of a job, whatever it was.
  void set(const std::string& id, const wire::JobState& state);
  /// Ends a job with an error, and acknowledges it.
  void fail(const Delivery& job, ErrorCode code, const std::string& message);
  /// Ends a job with an error, and keeps its request in the stream of dead jobs.
  void give_up(const Delivery& job);
  /// Stores the picture of a request as a PNG file, ends the job, and acknowledges it. Returns the file.
  std::string finish(const Delivery& job);

  /// The number of messages in the stream of jobs.
  [[nodiscard]] std::size_t waiting();
  /// The state of a job that must exist.
  [[nodiscard]] Jobs::State state(const std::string& id);

  /// The arguments of `inpaint` that fill the demo picture by a durable job.
  [[nodiscard]] std::vector<std::string> arguments(const std::string& output) const;
  /// The id of that job.
  [[nodiscard]] static std::string demo_id();
  /// Runs `inpaint jobs` to its end.
  [[nodiscard]] ProgramRun jobs_command(std::vector<std::string> arguments) const;

  JetStreamServer jetstream;
  std::unique_ptr<Connection> connection;
  Jobs jobs;
  KeyValue states;
  ObjectStore pictures;
};

}  // namespace inpaintd::test
