// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/outcome.h"

namespace inpaintd {

/// A count that only grows. Thread safe; an increment takes a few nanoseconds.
class Counter {
 public:
  explicit Counter(prometheus::Counter& counter) : counter_(&counter) {}
  void operator++() { counter_->Increment(); }
  void operator+=(std::uint64_t amount) { counter_->Increment(static_cast<double>(amount)); }
  operator std::uint64_t() const {
    return static_cast<std::uint64_t>(counter_->Value());
  }  // NOLINT: implicit on purpose

 private:
  prometheus::Counter* counter_;
};

/// The distribution of values over buckets, and their sum; times are in seconds. Thread safe.
class Histogram {
 public:
  explicit Histogram(prometheus::Histogram& histogram) : histogram_(&histogram) {}
  void observe(double value) { histogram_->Observe(value); }
  void observe(Microseconds time) { observe(std::chrono::duration<double>(time).count()); }
  [[nodiscard]] double sum() const { return histogram_->Collect().histogram.sample_sum; }
  [[nodiscard]] std::uint64_t count() const { return histogram_->Collect().histogram.sample_count; }

 private:
  prometheus::Histogram* histogram_;
};

/// The counts of the service since its start. Metrics are named here and in monitor_metrics.cpp, which looks up values
/// at the time of a scrape. For a new count, add a line here and `++metrics->it` where the event happens. Thread safe.
class Metrics {
  prometheus::Registry registry_;  // first: it owns the values of the other members

 public:
  /// Counts tiles by size for these sides of squares, and all other sizes as one.
  explicit Metrics(const std::vector<int>& window_sides = {});

  Counter received = counter("inpaintd_requests_received_total", "Requests that reached this worker.");
  Counter without_reply =
      counter("inpaintd_requests_without_reply_total", "Requests dropped because they had no inbox for the answer.");
  Counter undeliverable =
      counter("inpaintd_replies_undeliverable_total", "Answers and progress messages that could not be published.");
  Counter device_restarts =
      counter("inpaintd_device_restarts_total", "Devices that ended and were, or will be, restarted.");
  Counter not_finite =
      counter("inpaintd_not_finite_total",
              "Runs whose prediction held NaN or Inf; the picture is then computed once more in fp32.");
  Counter pixels_asked =
      counter("inpaintd_pixels_asked_total", "Pixels of the windows that were run, without their padding.");
  Counter pixels_run = counter("inpaintd_pixels_run_total", "Pixels of the windows that were run, with their padding.");
  Counter pixels_needed = counter("inpaintd_pixels_needed_total",
                                  "Pixels of the network's answers that holes were filled from: the boxes of the holes "
                                  "in each tile.");
  Counter followed = counter("inpaintd_requests_followed_total",
                             "Requests that were answered with the result of an identical one in flight.");
  Counter jobs_taken =
      counter("inpaintd_jobs_taken_total", "Durable jobs that this worker has pulled from their stream.");
  Counter jobs_done = job_left("done");
  Counter jobs_refused = job_left("refused");
  Counter jobs_returned = job_left("returned");  ///< to the stream, for another try
  Counter jobs_dead = job_left("dead");
  Counter jobs_known = job_left("known");  ///< they had ended before
  Counter result_hits = looked_up("results", "hit");
  Counter result_misses = looked_up("results", "miss");
  Counter mask_hits = looked_up("masks", "hit");
  Counter mask_misses = looked_up("masks", "miss");

  Histogram batch_size = histogram("inpaintd_batch_size", "Tiles in each batch that ran.", batch_size_buckets());
  Histogram decode_time = stage("decode");
  Histogram queue_time = stage("queue");
  Histogram infer_time = stage("infer");
  Histogram encode_time = stage("encode");
  Histogram request_time = histogram("inpaintd_request_seconds",
                                     "Time from arrival to reply of requests answered with a picture.", time_buckets());

  Counter done = answered("done");  ///< requests answered with a picture

  /// Counts a request that ended with a picture after `timings`. `input` was run for it; null means that nothing was
  /// run.
  void count_done(const Input* input, const Timings& timings);
  /// Counts a request that ended with `error`.
  void count_failure(const Error& error);

  /// Requests that ended with this error.
  [[nodiscard]] std::uint64_t failed(ErrorCode code) const { return failed_[static_cast<std::size_t>(code)]; }
  /// Requests that ended with any error.
  [[nodiscard]] std::uint64_t failed() const;
  /// The last error as number and message, such as "429:too many requests"; empty before the first error.
  [[nodiscard]] std::string last_error() const;

  /// All families with their present values.
  [[nodiscard]] std::vector<prometheus::MetricFamily> collect() const { return registry_.Collect(); }

 private:
  using Buckets = prometheus::Histogram::BucketBoundaries;
  static Buckets time_buckets();
  static Buckets batch_size_buckets();
  Counter counter(const char* name, const char* help, const prometheus::Labels& labels = {});
  Histogram histogram(const char* name, const char* help, const Buckets& buckets,
                      const prometheus::Labels& labels = {});
  Histogram stage(const char* name);
  Counter answered(std::string_view code);
  Counter job_left(const char* end);
  Counter looked_up(const char* cache, const char* result);
  Counter tiles_of(const std::string& size);
  void count_tile(Size size);

  std::map<int, Counter> tiles_;  ///< by the side of their square
  Counter other_tiles_ = tiles_of("other");
  std::vector<Counter> failed_;  ///< by error code
  mutable std::mutex mutex_;
  std::string last_error_;
};

}  // namespace inpaintd
