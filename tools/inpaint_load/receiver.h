// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string_view>

#include "bus/connection.h"
#include "bus/wire/wire.h"
#include "tools/inpaint_load/agenda.h"
#include "tools/inpaint_load/ledger.h"
#include "tools/inpaint_load/options.h"
#include "tools/inpaint_load/requests.h"

namespace inpaintd::tools {

/// What happens to an answer: it is entered in the ledger, some are verified, and what may succeed later is put on the
/// agenda again. Shared with the thread of the subscription, which may outlive the run for a moment.
class Receiver {
 public:
  Receiver(const LoadOptions& options, std::shared_ptr<const RequestMaker> requests);

  /// Everything counts from here.
  void start();
  [[nodiscard]] Microseconds now() const;
  [[nodiscard]] TimePoint at(Microseconds time) const { return start_ + time; }

  /// An answer to `<inbox>.<number>.<attempt>`.
  void receive(const Message& message);
  /// The request could not be sent, or waited for too long: tries again, or ends it with `code`.
  void fail(std::size_t number, std::string_view code);
  /// No attempt is made again from now on.
  void stop_retries() { retries_ = 0; }

  Ledger ledger;
  Agenda agenda;

 private:
  void enter(std::size_t number, int attempt, const Message& message);
  void finish(std::size_t number, const wire::Done& done);
  void verify(std::size_t number, const wire::Done& done);
  bool try_again(std::size_t number, const Error& error);
  void end(std::size_t number, std::string_view code);

  const std::shared_ptr<const RequestMaker> requests_;
  const std::size_t verify_every_;  ///< 0: none
  std::atomic<int> retries_;
  TimePoint start_ = Clock::now();
  std::size_t pictures_ = 0;
};

}  // namespace inpaintd::tools
