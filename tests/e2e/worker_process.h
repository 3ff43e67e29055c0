// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/temporary_directory.h"

namespace inpaintd::test {

/// A process of `inpaintd` with the null engine. It serves when the constructor returns.
class WorkerProcess {
 public:
  /// `settings` as for --set. Throws std::runtime_error with the log when the process does not start.
  explicit WorkerProcess(const std::string& servers, const std::vector<std::string>& settings = {});

  ChildProcess& process() { return *process_; }
  [[nodiscard]] std::string log() const;
  [[nodiscard]] int http_port() const;
  /// The value of one metric of /metrics, with the name and the labels as written there; -1 for a missing metric.
  [[nodiscard]] double metric(const std::string& name) const;

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<ChildProcess> process_;
};

/// Stops a worker process until `resume` or the end of the object, so that its requests wait while a test looks at
/// them.
class PausedWorker {
 public:
  explicit PausedWorker(WorkerProcess& worker);
  PausedWorker(const PausedWorker&) = delete;
  PausedWorker& operator=(const PausedWorker&) = delete;
  ~PausedWorker() { resume(); }
  void resume();

 private:
  ChildProcess& process_;
};

/// The same for a text that was read before.
double metric_in(const std::string& metrics, const std::string& name);

}  // namespace inpaintd::test
