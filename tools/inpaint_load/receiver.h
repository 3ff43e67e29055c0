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

/// Handles the answers of a run: enters them in the ledger, verifies a share of them, and puts retries on the agenda.
///
/// The run owns ledger and agenda. All three are shared pointers because the handler of a NATS subscription may still
/// be called for a moment after the run has ended.
class Receiver {
 public:
  Receiver(const LoadOptions& options, std::shared_ptr<const RequestMaker> requests, std::shared_ptr<Ledger> ledger,
           std::shared_ptr<Agenda> agenda);

  /// Begins the run: all times count from here.
  void start();
  [[nodiscard]] Microseconds now() const;
  [[nodiscard]] TimePoint at(Microseconds time) const { return start_ + time; }

  /// Handles an answer to `<inbox>.<number>.<attempt>`.
  void receive(const Message& message);
  /// Retries a request that could not be sent, or that was not answered in time; ends it with `code` if no retry is
  /// left.
  void fail(std::size_t number, std::string_view code);
  /// No request is retried from now on.
  void stop_retries() { retries_ = 0; }

 private:
  void enter(std::size_t number, int attempt, const Message& message);
  void finish(std::size_t number, const wire::Done& done);
  void verify(std::size_t number, const wire::Done& done);
  bool retry_later(std::size_t number, const Error& error);
  void end(std::size_t number, std::string_view code);

  const std::shared_ptr<const RequestMaker> requests_;
  const std::shared_ptr<Ledger> ledger_;
  const std::shared_ptr<Agenda> agenda_;
  const std::size_t verify_every_;  ///< one picture of this many is verified; 0: none
  std::atomic<int> retries_;
  TimePoint start_ = Clock::now();
  std::size_t pictures_ = 0;
};

}  // namespace inpaintd::tools
