// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/histogram.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace inpaintd::tools {

TEST_CASE("an empty histogram says 0") {
  const Histogram histogram;
  CHECK(histogram.count() == 0);
  CHECK(histogram.at(0.5) == 0);
  CHECK(histogram.max() == 0);
}

TEST_CASE("small values are exact, and a quantile is the smallest value that covers its share") {
  Histogram histogram;
  for (int value = 1; value <= 100; ++value) histogram.record(value);
  CHECK(histogram.at(0.0) == 1);
  CHECK(histogram.at(0.01) == 1);
  CHECK(histogram.at(0.5) == 50);
  CHECK(histogram.at(0.501) == 51);
  CHECK(histogram.at(0.99) == 99);
  CHECK(histogram.at(0.999) == 100);
  CHECK(histogram.at(1.0) == 100);
}

TEST_CASE("any single value is told with an error of at most 1 %, the maximum exactly") {
  const std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  std::vector<std::int64_t> values{0, 1, 255, 256, 257, 511, 512, 513, 1000, 123'456'789, largest};
  for (int bit = 1; bit < 63; ++bit)
    for (int offset : {-1, 0, 1}) values.push_back((std::int64_t{1} << bit) + offset);
  for (std::int64_t value : values) {
    CAPTURE(value);
    Histogram histogram;
    histogram.record(value);
    histogram.record(largest);  // so that the maximum does not correct the answer
    CHECK(std::abs(static_cast<double>(histogram.at(0.5) - value)) <= 0.01 * static_cast<double>(value));
    CHECK(histogram.max() == largest);
  }
}

TEST_CASE("quantiles of random values are within 1 % of the sorted truth") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  std::lognormal_distribution<double> latency(10.0, 2.0);
  Histogram histogram;
  std::vector<std::int64_t> values;
  for (int i = 0; i < 10'000; ++i) {
    values.push_back(static_cast<std::int64_t>(latency(random)));
    histogram.record(values.back());
  }
  std::ranges::sort(values);
  for (double quantile : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    CAPTURE(quantile);
    const auto rank = static_cast<std::size_t>(std::ceil(quantile * 10'000));
    const auto truth = static_cast<double>(values[rank - 1]);
    CHECK(std::abs(static_cast<double>(histogram.at(quantile)) - truth) <= 0.01 * truth);
  }
}

TEST_CASE("a negative value counts as 0") {
  Histogram histogram;
  histogram.record(-5);
  CHECK(histogram.count() == 1);
  CHECK(histogram.at(1.0) == 0);
}

}  // namespace inpaintd::tools
