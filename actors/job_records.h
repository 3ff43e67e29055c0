// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "bus/connection.h"
#include "bus/job_queue.h"
#include "bus/key_value.h"
#include "bus/object_store.h"
#include "bus/wire/wire.h"
#include "core/result.h"
#include "monitoring/metrics.h"

namespace inpaintd {

/// A durable job in the hands of this worker.
struct HeldJob {
  Delivery delivery;
  std::string id;
  int returned = 0;  ///< deliveries that ended without a fault of the job
  std::uint64_t revision = 0;
  bool own_inputs = false;  ///< its pictures are the objects job_image() and job_mask()

  [[nodiscard]] std::string ack() const { return delivery.ack(); }
  /// How often a worker has tried the job, with this time.
  [[nodiscard]] int tries() const { return delivery.count - returned; }
};

/// What NATS keeps of the jobs of this worker: the states in the bucket, the results, and the messages in the stream.
/// Every function brings them to a state from which any worker can go on, wherever this one ends meanwhile. The
/// functions wait for the NATS server, and try again for a minute when it cannot be reached; afterwards the stream
/// gives the job to a worker again. Thread safe.
class JobRecords {
 public:
  /// Tells whether a function may try once more, and waits before it does.
  using TryAgain = std::function<bool()>;

  struct Parts {
    std::shared_ptr<Connection> connection;
    std::string prefix;
    int tries_max = 5;
    std::shared_ptr<Metrics> metrics;
    TryAgain try_again;
  };
  explicit JobRecords(Parts parts);

  /// Reads the state of a job that has arrived. Nothing if the job is not to be run: it had ended, it cannot be read,
  /// or it has been tried too often; then its end has been recorded here.
  std::optional<HeldJob> admit(Delivery delivery);
  /// Records progress.
  void report(HeldJob& job, const wire::Reply& progress);
  /// Records the end of a run: the job is done, is refused for good, or goes back to the stream.
  void end(HeldJob& job, const wire::Reply& reply);
  /// Gives back a job that was not started.
  void give_back(HeldJob& job, const Error& reason);
  /// Removes the messages of jobs that have ended from the stream, where a killed server has brought them back; and
  /// sends those of other jobs again.
  void sweep();
  void in_progress(const HeldJob& job) { queue_.in_progress(job.ack()); }

 private:
  bool conclude(HeldJob& job, const wire::JobState& state);
  void retry(HeldJob& job, const Error& error);
  void bury(HeldJob& job, const Error& reason);
  void bury_unreadable(const Delivery& delivery, const std::string& reason);
  bool keep_dead(const std::string& id, const Delivery& delivery, const std::string& reason);
  void acknowledge(const HeldJob& job);
  void remove_inputs(const HeldJob& job);
  template <class Call>
  auto persist(Call call, std::chrono::milliseconds patience = std::chrono::minutes(1)) -> decltype(call());

  const Parts parts_;
  KeyValue states_;
  ObjectStore pictures_;
  JobQueue queue_;  ///< for acknowledgements
};

}  // namespace inpaintd
