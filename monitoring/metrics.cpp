// SPDX-License-Identifier: Apache-2.0
#include "monitoring/metrics.h"

#include <fmt/format.h>

namespace inpaintd {
namespace {

std::uint64_t area(Size size) {
  return static_cast<std::uint64_t>(size.width) * static_cast<std::uint64_t>(size.height);
}

}  // namespace

Metrics::Metrics(const std::vector<int>& window_sides) {
  for (const ErrorInfo& row : error_table) failed_.push_back(answered(row.name));
  for (const int side : window_sides) tiles_.emplace(side, tiles_of(fmt::format("{0}x{0}", side)));
}

// Seconds, from the fastest stage of the smallest picture to the longest timeout that a client may ask for.
Metrics::Buckets Metrics::time_buckets() {
  return {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600};
}

Metrics::Buckets Metrics::batch_size_buckets() { return {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256}; }

Counter Metrics::counter(const char* name, const char* help, const prometheus::Labels& labels) {
  return Counter(prometheus::BuildCounter().Name(name).Help(help).Register(registry_).Add(labels));
}

Histogram Metrics::histogram(const char* name, const char* help, const Buckets& buckets,
                             const prometheus::Labels& labels) {
  return Histogram(prometheus::BuildHistogram().Name(name).Help(help).Register(registry_).Add(labels, buckets));
}

Histogram Metrics::stage(const char* name) {
  return histogram("inpaintd_stage_seconds", "Time of each stage, of requests answered with a picture.", time_buckets(),
                   {{"stage", name}});
}

Counter Metrics::answered(std::string_view code) {
  return counter("inpaintd_requests_total", "Requests answered, by code: done, or the error.",
                 {{"code", std::string(code)}});
}

Counter Metrics::job_left(const char* end) {
  return counter(
      "inpaintd_jobs_total",
      "Durable jobs that left this worker: done, refused, returned to the stream for another try, dead after "
      "the last try, or known to have ended before.",
      {{"end", end}});
}

Counter Metrics::looked_up(const char* cache, const char* result) {
  return counter("inpaintd_cache_lookups_total", "Lookups in a cache, by result: hit or miss.",
                 {{"cache", cache}, {"result", result}});
}

Counter Metrics::tiles_of(const std::string& size) {
  return counter("inpaintd_tiles_total", "Tiles of the answered requests, by the size that the network was run at.",
                 {{"size", size}});
}

void Metrics::count_tile(Size size) {
  const auto found = size.width == size.height ? tiles_.find(size.width) : tiles_.end();
  ++(found == tiles_.end() ? other_tiles_ : found->second);
}

void Metrics::count_done(const Input* input, const Timings& timings) {
  ++done;
  request_time.observe(timings.total);
  if (!input) return;
  decode_time.observe(timings.decode);
  queue_time.observe(timings.queue);
  infer_time.observe(timings.infer);
  encode_time.observe(timings.encode);
  for (const Tile& tile : input->tiles) {
    pixels_asked += area(tile.scaled);
    pixels_run += area(tile.network_size());
    pixels_needed += area({tile.need.width, tile.need.height});
    count_tile(tile.network_size());
  }
}

void Metrics::count_failure(const Error& error) {
  ++failed_[static_cast<std::size_t>(error.code)];
  std::lock_guard lock(mutex_);
  last_error_ = fmt::format("{}:{}", info(error.code).number, error.message);
}

std::uint64_t Metrics::failed() const {
  std::uint64_t sum = 0;
  for (const Counter& each : failed_) sum += each;
  return sum;
}

std::string Metrics::last_error() const {
  std::lock_guard lock(mutex_);
  return last_error_;
}

}  // namespace inpaintd
