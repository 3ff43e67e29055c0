// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/names.h"
#include "gateway/tasks/job_tasks.h"
#include "gateway/tasks/memory_tasks.h"
#include "gateway/tasks/tasks.h"

namespace inpaintd::gateway {

/// Where tasks are kept. `automatic`: in JetStream, if it has the buckets of inpaint-setup, else in memory.
enum class TaskPlace : std::uint8_t { automatic, memory, jetstream };

/// The tasks of this process and those in JetStream. A client that waits on its connection is answered by a plain
/// request, which is faster and would not outlive the connection anyway.
class AllTasks : public Tasks {
 public:
  /// `jobs` is null if and only if the place is `memory`.
  AllTasks(TaskPlace place, MemoryTasks& memory, JobTasks* jobs) : place_(place), memory_(memory), jobs_(jobs) {}

  void submit(Submission submission, Started then) override;
  void load(const std::vector<std::string>& ids, Then then) override;
  [[nodiscard]] const TaskState* find(const std::string& id) const override { return of(id).find(id); }
  void cancel(const std::string& id, Then then) override { of(id).cancel(id, std::move(then)); }
  [[nodiscard]] Watch watch(const std::string& id, Watcher watcher) override {
    return of(id).watch(id, std::move(watcher));
  }
  void fetch(const TaskState& end, Ended then) override;

  /// Why no task can be taken although the server is connected; empty: tasks can be taken.
  [[nodiscard]] std::string obstacle() const;

 private:
  [[nodiscard]] Tasks& of(const std::string& id) const;

  const TaskPlace place_;
  MemoryTasks& memory_;
  JobTasks* const jobs_;
};

}  // namespace inpaintd::gateway

namespace inpaintd {
template <>
struct EnumNames<gateway::TaskPlace> {
  static constexpr std::array<std::string_view, 3> names{"auto", "memory", "jetstream"};
};
}  // namespace inpaintd
