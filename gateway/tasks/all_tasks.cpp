// SPDX-License-Identifier: Apache-2.0
#include "gateway/tasks/all_tasks.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace inpaintd::gateway {

void AllTasks::submit(Submission submission, Started then) {
  const bool durable = place_ == TaskPlace::jetstream || (place_ == TaskPlace::automatic && jobs_->available() == true);
  if (durable && !submission.attached) return jobs_->submit(std::move(submission), std::move(then));
  memory_.submit(std::move(submission), std::move(then));
}

void AllTasks::load(const std::vector<std::string>& ids, Then then) {
  std::vector<std::string> elsewhere;
  std::ranges::copy_if(ids, std::back_inserter(elsewhere), [this](const auto& id) { return !memory_.find(id); });
  if (jobs_ == nullptr || elsewhere.empty()) return then({});
  jobs_->load(elsewhere, std::move(then));
}

void AllTasks::fetch(const TaskState& end, Ended then) {
  jobs_ == nullptr ? then(end) : jobs_->fetch(end, std::move(then));
}

std::string AllTasks::obstacle() const {
  if (jobs_ == nullptr || jobs_->available() == true) return {};
  if (!jobs_->available()) return "the NATS server has not told yet whether it keeps tasks";
  return place_ == TaskPlace::jetstream ? "the NATS server has no place for tasks; make it with inpaint-setup" : "";
}

Tasks& AllTasks::of(const std::string& id) const {
  if (jobs_ == nullptr || memory_.find(id) != nullptr) return memory_;
  return *jobs_;
}

}  // namespace inpaintd::gateway
