// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace inpaintd::tools {
namespace {

// A value's leading 8 bits name its bucket within its power of two: 128 buckets for each.
constexpr int kept_bits = 8;
constexpr std::uint64_t half = 1U << (kept_bits - 1);

int dropped_bits(std::uint64_t value) { return std::max(0, static_cast<int>(std::bit_width(value)) - kept_bits); }

std::size_t bucket_of(std::uint64_t value) {
  const int dropped = dropped_bits(value);
  return static_cast<std::size_t>(static_cast<std::uint64_t>(dropped) * half + (value >> dropped));
}

/// The largest value of a bucket.
std::int64_t value_of(std::size_t bucket) {
  const std::uint64_t dropped = bucket < 2 * half ? 0 : bucket / half - 1;
  const std::uint64_t lowest = (bucket - dropped * half) << dropped;
  return static_cast<std::int64_t>(lowest + ((std::uint64_t{1} << dropped) - 1));
}

}  // namespace

void Histogram::record(std::int64_t value) {
  value = std::max<std::int64_t>(value, 0);
  const std::size_t bucket = bucket_of(static_cast<std::uint64_t>(value));
  if (bucket >= buckets_.size()) buckets_.resize(bucket + 1);
  ++buckets_[bucket];
  ++count_;
  max_ = std::max(max_, value);
}

std::int64_t Histogram::at(double quantile) const {
  const auto rank = std::max<std::int64_t>(1, std::llround(std::ceil(quantile * static_cast<double>(count_))));
  std::int64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen >= rank) return std::min(value_of(bucket), max_);
  }
  return max_;
}

}  // namespace inpaintd::tools
