// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/temporary_directory.h"

namespace inpaintd::test {

/// `inpaintd` as a process of its own, with the null engine; it serves as soon as the constructor returns.
class WorkerProcess {
 public:
  /// `settings`: as for --set. Throws std::runtime_error with the log when it does not start.
  explicit WorkerProcess(const std::string& servers, const std::vector<std::string>& settings = {});

  ChildProcess& process() { return *process_; }
  [[nodiscard]] std::string log() const;
  [[nodiscard]] int http_port() const;
  /// The value of one line of /metrics, written as there: name, and labels if any. -1 when it is not there.
  [[nodiscard]] double metric(const std::string& name) const;

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<ChildProcess> process_;
};

/// A worker that does nothing until `resume`, or until the end of the object: its requests wait, for as long as a test
/// needs to look at them.
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

/// The same, in text that was read before.
double metric_in(const std::string& metrics, const std::string& name);

}  // namespace inpaintd::test
