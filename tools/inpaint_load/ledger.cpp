// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/ledger.h"

#include <utility>

namespace inpaintd::tools {
namespace {

std::uint64_t bit(int attempt) { return std::uint64_t{1} << attempt; }

}  // namespace

void Ledger::open(Microseconds scheduled, Microseconds sent, Fate fate) {
  std::lock_guard lock(mutex_);
  Record& record = records_.emplace_back();
  record.scheduled = scheduled;
  record.sent = record.last_sent = sent;
  record.fate = fate;
  ++counts_.sent;
}

int Ledger::open_attempt(std::size_t number, Microseconds sent) {
  std::lock_guard lock(mutex_);
  Record& record = records_[number];
  record.last_sent = sent;
  return record.attempts++;
}

bool Ledger::enter(std::size_t number, int attempt, bool error) {
  std::lock_guard lock(mutex_);
  if (number >= records_.size()) return false;
  Record& record = records_[number];
  if (attempt < 0 || attempt >= record.attempts) return false;
  if ((record.answered_attempts & bit(attempt)) != 0) {
    ++record.duplicates;
    return false;
  }
  record.answered_attempts |= bit(attempt);
  const bool stale = error && attempt + 1 < record.attempts;
  if (!record.code.empty() || stale) {
    ++record.late;
    return false;
  }
  return true;
}

Record& Ledger::end_record(std::size_t number, Microseconds now, std::string_view code) {
  Record& record = records_[number];
  record.code = code;
  record.answered = now;
  ++(code == code_ok ? counts_.ok : counts_.failed);
  return record;
}

void Ledger::end(std::size_t number, Microseconds now, const wire::Done& done) {
  std::lock_guard lock(mutex_);
  Record& record = end_record(number, now, code_ok);
  record.timings = done.timings;
  record.batch_size = done.batch_size;
  record.cached = done.cached;
  record.served_by = done.model + " on " + done.device;
}

void Ledger::end(std::size_t number, Microseconds now, std::string_view code) {
  std::lock_guard lock(mutex_);
  end_record(number, now, code);
}

void Ledger::verified(std::size_t number, std::string fault) {
  std::lock_guard lock(mutex_);
  records_[number].verified = true;
  records_[number].fault = std::move(fault);
}

bool Ledger::is_open(std::size_t number) const {
  std::lock_guard lock(mutex_);
  return records_[number].code.empty();
}

int Ledger::attempts(std::size_t number) const {
  std::lock_guard lock(mutex_);
  return records_[number].attempts;
}

template <class Visit>
void Ledger::for_each_open(Visit visit) const {
  std::lock_guard lock(mutex_);
  while (first_open_ < records_.size() && !records_[first_open_].code.empty()) ++first_open_;
  for (std::size_t i = first_open_; i < records_.size(); ++i)
    if (records_[i].code.empty()) visit(i, records_[i]);
}

std::size_t Ledger::waiting(Microseconds sent_before) const {
  std::size_t count = 0;
  for_each_open([&](std::size_t, const Record& record) { count += record.sent <= sent_before ? 1 : 0; });
  return count;
}

std::vector<std::size_t> Ledger::overdue(Microseconds sent_before) const {
  std::vector<std::size_t> numbers;
  for_each_open([&](std::size_t number, const Record& record) {
    if (record.last_sent <= sent_before && (record.answered_attempts & bit(record.attempts - 1)) == 0)
      numbers.push_back(number);
  });
  return numbers;
}

std::vector<std::size_t> Ledger::open_requests() const {
  std::vector<std::size_t> numbers;
  for_each_open([&](std::size_t number, const Record&) { numbers.push_back(number); });
  return numbers;
}

Ledger::Counts Ledger::counts() const {
  std::lock_guard lock(mutex_);
  return counts_;
}

std::vector<Record> Ledger::records() const {
  std::lock_guard lock(mutex_);
  return {records_.begin(), records_.end()};
}

}  // namespace inpaintd::tools
