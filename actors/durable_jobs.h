// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "actors/gate.h"
#include "actors/job_records.h"
#include "bus/connection.h"
#include "bus/job_queue.h"
#include "config/config.h"

namespace inpaintd {

/// Brings durable jobs from their stream into the service, and their ends back.
///
/// One thread pulls jobs, one at a time, and only while fewer than `held_max` are in the service; so jobs spread over
/// workers by their speed, and requests of clients that wait always find places. A job enters the gate as a request of
/// low priority, whose reply subject is the subject of the job's acknowledgement; Outbox sends the messages about it to
/// `tell`, so that every end of a request is the end of the job's run. Other threads record them in NATS (JobRecords).
///
/// A job whose earlier run ended without a word may have ended the worker. Such a job runs alone, after all others, so
/// that the jobs beside it are not suspected. Thread safe.
class DurableJobs {
 public:
  /// Takes in the request of a job (Gate::request).
  using Enter = std::function<void(Message message, Ticket promised)>;

  struct Parts {
    std::shared_ptr<Connection> connection;
    std::string prefix;
    Config::Jobs settings;
    std::size_t held_max = 1;
    std::shared_ptr<Metrics> metrics;
  };
  explicit DurableJobs(Parts parts);
  ~DurableJobs();

  /// Starts to pull jobs, if the settings and the NATS server have them.
  void start(Enter enter);
  /// Gives back the jobs that have not entered the service. Afterwards no job enters it.
  void stop_pulling();
  /// Waits until the ends of all jobs are recorded, and ends the threads.
  void finish();

  /// Takes a reply about the job with this acknowledgement subject. Errors: bad_request: no such job is in the service.
  Status tell(const std::string& ack, Bytes reply);

  [[nodiscard]] std::size_t held() const;

 private:
  struct Held {
    HeldJob job;
    std::optional<wire::Reply> news;  ///< the last reply that is not recorded yet
    bool recording = false;
  };
  using Entry = std::map<std::string, Held>::iterator;

  void pull();
  void pull_once();
  bool look();
  void admit(Delivery delivery);
  void enter(HeldJob job);
  void keep_alive();
  void give_back_rest();
  void record();
  void record_one(std::unique_lock<std::mutex>& lock, Entry entry);
  bool try_again();
  bool wait_before(std::chrono::milliseconds time);

  const Parts parts_;
  JobRecords records_;
  JobQueue queue_;
  Enter enter_;
  // Of the pulling thread:
  bool present_ = false;
  TimePoint next_look_{};
  std::chrono::milliseconds sign_every_{};  ///< a third of the time after which the stream gives up a silent worker
  TimePoint next_sign_{};
  TimePoint next_sweep_{};
  std::string problem_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Held> held_;  ///< by acknowledgement subject
  std::deque<std::string> news_;      ///< of these jobs
  std::optional<HeldJob> suspect_;    ///< waits until it can run alone
  bool alone_ = false;                ///< a suspect is in the service
  bool stopping_ = false;
  bool finishing_ = false;
  std::atomic<TimePoint> patience_{TimePoint::max()};  ///< until then the server is waited for
  std::thread puller_;
  std::vector<std::thread> recorders_;
};

}  // namespace inpaintd
