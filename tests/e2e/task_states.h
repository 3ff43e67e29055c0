// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "bus/connection.h"
#include "bus/jobs.h"
#include "bus/key_value.h"
#include "bus/object_store.h"
#include "bus/wire/wire.h"

namespace inpaintd::test {

/// Writes the states and results of the gateway's tasks as a worker does, when the test wants it.
class TaskStates {
 public:
  explicit TaskStates(Connection& connection);

  static std::string job(const std::string& task) { return "web." + task; }

  void run(const std::string& task) { set(task, wire::Running{job(task), 2, "cpu"}); }
  /// Ends the task with a JPEG file of these bytes.
  void finish(const std::string& task, const std::string& picture);
  void fail(const std::string& task, const Error& error) { set(task, wire::Failed{job(task), error}); }

  /// The status in the task's state; "none" for a task without a state.
  std::string status(const std::string& task);
  bool has(const ObjectName& object) { return bool(pictures_.info(object.name)); }
  void remove(const ObjectName& object);

 private:
  void set(const std::string& task, const wire::Reply& reply);

  Connection& connection_;
  Jobs jobs_;
  KeyValue states_;
  ObjectStore pictures_;
};

}  // namespace inpaintd::test
