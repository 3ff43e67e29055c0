// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/statistics.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <random>

namespace inpaintd::tools {

TEST_CASE("a percentile is the smallest value that covers its share") {
  std::vector<std::int64_t> values;
  for (std::int64_t value = 100; value >= 1; --value) values.push_back(value);
  CHECK(percentile(values, 0.0) == 1);
  CHECK(percentile(values, 0.01) == 1);
  CHECK(percentile(values, 0.5) == 50);
  CHECK(percentile(values, 0.501) == 51);
  CHECK(percentile(values, 0.99) == 99);
  CHECK(percentile(values, 0.999) == 100);
  CHECK(percentile(values, 1.0) == 100);
}

TEST_CASE("without values, percentile and median are 0") {
  std::vector<std::int64_t> none;
  CHECK(percentile(none, 0.5) == 0);
  CHECK(median({}) == 0);
}

TEST_CASE("percentiles of random values are those of the sorted values") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  std::lognormal_distribution<double> latency(10.0, 2.0);
  std::vector<std::int64_t> values;
  for (int i = 0; i < 10'000; ++i) values.push_back(static_cast<std::int64_t>(latency(random)));
  std::vector<std::int64_t> sorted = values;
  std::ranges::sort(sorted);
  for (double share : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    CAPTURE(share);
    const auto rank = static_cast<std::size_t>(std::ceil(share * 10'000));
    CHECK(percentile(values, share) == sorted[rank - 1]);
  }
}

TEST_CASE("the median of an even number of values is the mean of the two middle ones") {
  CHECK(median({3}) == 3);
  CHECK(median({4, 1, 3}) == 3);
  CHECK(median({4, 1, 3, 2}) == 2.5);
}

}  // namespace inpaintd::tools
