// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/agenda.h"

#include <algorithm>

namespace inpaintd::tools {

void Agenda::add(const Entry& entry) {
  std::lock_guard lock(mutex_);
  entries_.push(entry);
  changed_ = true;
  added_.notify_one();
}

std::optional<Agenda::Entry> Agenda::take(TimePoint now) {
  std::lock_guard lock(mutex_);
  if (entries_.empty() || entries_.top().due > now) return std::nullopt;
  const Entry entry = entries_.top();
  entries_.pop();
  return entry;
}

void Agenda::add_slots(int count) {
  std::lock_guard lock(mutex_);
  slots_ += count;
  changed_ = true;
  added_.notify_one();
}

bool Agenda::take_slot() {
  std::lock_guard lock(mutex_);
  if (slots_ == 0) return false;
  --slots_;
  return true;
}

void Agenda::wait(TimePoint until) {
  std::unique_lock lock(mutex_);
  if (!entries_.empty()) until = std::min(until, entries_.top().due);
  added_.wait_until(lock, until, [this] { return changed_; });
  changed_ = false;
}

}  // namespace inpaintd::tools
