// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "bus/wire/wire.h"
#include "core/job.h"
#include "tools/inpaint_load/mix.h"

namespace inpaintd::tools {

inline constexpr std::string_view code_ok = "ok";
inline constexpr std::string_view code_unanswered = "unanswered";

/// What became of one request. Times count from the start of the run.
struct Record {
  Microseconds scheduled{};
  Microseconds sent{};       ///< the first time
  Microseconds last_sent{};  ///< the last time
  Microseconds answered{};
  Fate fate = Fate::answer;
  std::string code;  ///< "ok", an error's name, "unanswered", or empty while it is open

  int attempts = 1;                     ///< 64 at most
  std::uint64_t answered_attempts = 0;  ///< a bit for each
  int duplicates = 0;                   ///< final messages beyond the first of an attempt
  int late = 0;                         ///< attempts that were answered after the request had ended otherwise

  // What an "ok" said about itself.
  Timings timings;
  std::size_t batch_size = 0;
  bool cached = false;
  std::string served_by;
  std::string fault;  ///< why the answer is wrong; empty when it is right or was not looked at
  bool verified = false;
};

/// Every request of a run and what became of it; numbers them from 0. Thread safe.
class Ledger {
 public:
  struct Counts {
    std::size_t sent = 0, ok = 0, failed = 0;
    [[nodiscard]] std::size_t open() const { return sent - ok - failed; }
  };

  /// Opens the record of the next request, which is due at `scheduled` and leaves at `sent`.
  void open(Microseconds scheduled, Microseconds sent, Fate fate = Fate::answer);
  /// The request leaves once more. Returns the number of that attempt, counted from 0.
  int open_attempt(std::size_t number, Microseconds sent);

  /// Enters that an attempt got a final message. True when the request is thereby to be ended (or tried again) by the
  /// caller: not for a second message to the same attempt, nor when it came too late, nor for unknown numbers. An error
  /// counts for the last attempt only; a picture for any.
  bool enter(std::size_t number, int attempt, bool error);

  void end(std::size_t number, Microseconds now, const wire::Done& done);
  void end(std::size_t number, Microseconds now, std::string_view code);
  /// The answer was held against what was sent.
  void verified(std::size_t number, std::string fault);

  [[nodiscard]] bool is_open(std::size_t number) const;
  /// How often the request was sent.
  [[nodiscard]] int attempts(std::size_t number) const;
  /// How many open requests left (first) at or before `sent_before`.
  [[nodiscard]] std::size_t waiting(Microseconds sent_before) const;
  /// The open requests whose last attempt left at or before `sent_before` and got no message.
  [[nodiscard]] std::vector<std::size_t> overdue(Microseconds sent_before) const;
  [[nodiscard]] std::vector<std::size_t> open_requests() const;
  [[nodiscard]] Counts counts() const;

  [[nodiscard]] std::vector<Record> records() const;

 private:
  template <class Visit>
  void for_each_open(Visit visit) const;
  Record& end_record(std::size_t number, Microseconds now, std::string_view code);

  mutable std::mutex mutex_;
  std::deque<Record> records_;
  Counts counts_;
  mutable std::size_t settled_ = 0;  // every record before this one has ended
};

}  // namespace inpaintd::tools
