// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load_ledger.h"

namespace inpaintd::tools {

void Ledger::open(Microseconds scheduled, Microseconds sent) {
  std::lock_guard lock(mutex_);
  Record& record = records_.emplace_back();
  record.scheduled = scheduled;
  record.sent = sent;
}

bool Ledger::settle(std::size_t number, Microseconds now, const wire::Done& done) {
  std::lock_guard lock(mutex_);
  Record* record = first_answer(number, now);
  if (record == nullptr) return false;
  record->code = "ok";
  record->timings = done.timings;
  record->batch_size = done.batch_size;
  record->cached = done.cached;
  record->served_by = done.model + " on " + done.device;
  return true;
}

bool Ledger::settle(std::size_t number, Microseconds now, std::string_view code) {
  std::lock_guard lock(mutex_);
  Record* record = first_answer(number, now);
  if (record == nullptr) return false;
  record->code = code;
  return true;
}

std::size_t Ledger::waiting(Microseconds sent_before) const {
  std::lock_guard lock(mutex_);
  while (settled_ < records_.size() && !records_[settled_].code.empty()) ++settled_;
  std::size_t count = 0;
  for (std::size_t i = settled_; i < records_.size() && records_[i].sent <= sent_before; ++i)
    count += records_[i].code.empty() ? 1 : 0;
  return count;
}

std::vector<Record> Ledger::records() const {
  std::lock_guard lock(mutex_);
  return {records_.begin(), records_.end()};
}

Record* Ledger::first_answer(std::size_t number, Microseconds now) {
  if (number >= records_.size()) return nullptr;
  Record& record = records_[number];
  if (!record.code.empty()) {
    ++record.duplicates;
    return nullptr;
  }
  record.answered = now;
  return &record;
}

}  // namespace inpaintd::tools
