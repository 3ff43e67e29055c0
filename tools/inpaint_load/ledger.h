// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "bus/wire/wire.h"
#include "core/outcome.h"
#include "tools/inpaint_load/mix.h"

namespace inpaintd::tools {

inline constexpr std::string_view code_ok = "ok";
inline constexpr std::string_view code_unanswered = "unanswered";

/// The history of one request. Times count from the start of the run.
struct Record {
  Microseconds scheduled{};
  Microseconds sent{};       ///< of the first attempt
  Microseconds last_sent{};  ///< of the last attempt
  Microseconds answered{};
  Fate fate = Fate::answer;
  std::string code;  ///< "ok", an error's name, "unanswered", or empty while the request is open

  int attempts = 1;                     ///< at most 64
  std::uint64_t answered_attempts = 0;  ///< bit i: attempt i was answered
  int duplicates = 0;                   ///< final messages beyond the first of an attempt
  int late = 0;                         ///< attempts that were answered after the request had ended, or after a retry

  // From the reply of an "ok".
  Timings timings;
  std::size_t batch_size = 0;
  bool cached = false;
  std::string served_by;
  std::string fault;  ///< why the answer is wrong; empty when it is right or was not verified
  bool verified = false;
};

/// Holds a record of every request of a run, numbered from 0 in the order of sending. Thread safe.
class Ledger {
 public:
  struct Counts {
    std::size_t sent = 0, ok = 0, failed = 0;
    [[nodiscard]] std::size_t open() const { return sent - ok - failed; }
  };

  /// Opens the record of the next request, which was due at `scheduled` and is sent at `sent`.
  void open(Microseconds scheduled, Microseconds sent, Fate fate = Fate::answer);
  /// Notes a retry that is sent at `sent`. Returns the number of the attempt, counted from 0.
  int open_attempt(std::size_t number, Microseconds sent);

  /// Notes a final message to an attempt. Returns true when the caller has to end or retry the request because of it;
  /// false for a second message to the same attempt (a duplicate), for a late one, and for unknown numbers. An error
  /// counts for the last attempt only, a picture for any attempt.
  bool enter(std::size_t number, int attempt, bool error);

  /// Ends a request with a picture.
  void end(std::size_t number, Microseconds now, const wire::Done& done);
  /// Ends a request with an error's name or `code_unanswered`.
  void end(std::size_t number, Microseconds now, std::string_view code);
  /// Notes that the answer was compared with the request; `fault` is empty when the answer is right.
  void verified(std::size_t number, std::string fault);

  [[nodiscard]] bool is_open(std::size_t number) const;
  /// The number of attempts so far.
  [[nodiscard]] int attempts(std::size_t number) const;
  /// The number of open requests whose first attempt was sent at or before `sent_before`.
  [[nodiscard]] std::size_t waiting(Microseconds sent_before) const;
  /// The open requests whose last attempt was sent at or before `sent_before` and is not answered.
  [[nodiscard]] std::vector<std::size_t> overdue(Microseconds sent_before) const;
  [[nodiscard]] std::vector<std::size_t> open_requests() const;
  [[nodiscard]] Counts counts() const;

  /// A copy of all records, in the order of their numbers.
  [[nodiscard]] std::vector<Record> records() const;

 private:
  template <class Visit>
  void for_each_open(Visit visit) const;
  Record& end_record(std::size_t number, Microseconds now, std::string_view code);

  mutable std::mutex mutex_;
  std::deque<Record> records_;
  Counts counts_;
  mutable std::size_t first_open_ = 0;  // every record before this one has ended
};

}  // namespace inpaintd::tools
