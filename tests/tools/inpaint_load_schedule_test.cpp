// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load_schedule.h"

#include <doctest/doctest.h>

#include <cmath>

namespace inpaintd::tools {

using std::chrono::nanoseconds;

TEST_CASE("even arrivals do not drift") {
  Arrivals arrivals(3.0, false, 1);
  CHECK(arrivals.next() == nanoseconds(0));
  CHECK(arrivals.next() == nanoseconds(333'333'333));
  CHECK(arrivals.next() == nanoseconds(666'666'667));
  CHECK(arrivals.next() == nanoseconds(1'000'000'000));
  for (int i = 4; i < 3'000'000; ++i) (void)arrivals.next();
  CHECK(arrivals.next() == std::chrono::seconds(1'000'000));
}

TEST_CASE("Poisson arrivals begin at 0, never go back, keep the rate, and spread like an exponential distribution") {
  constexpr int count = 100'000;
  Arrivals arrivals(50.0, true, 7);
  nanoseconds last = arrivals.next();
  CHECK(last == nanoseconds(0));
  double sum = 0, squares = 0;
  for (int i = 0; i < count; ++i) {
    const nanoseconds next = arrivals.next();
    REQUIRE(next >= last);
    const double gap = static_cast<double>((next - last).count()) / 1e9;
    sum += gap;
    squares += gap * gap;
    last = next;
  }
  const double mean = sum / count;
  CHECK(mean == doctest::Approx(0.02).epsilon(0.02));
  CHECK(std::sqrt(squares / count - mean * mean) == doctest::Approx(0.02).epsilon(0.03));
}

TEST_CASE("the same seed gives the same arrivals, another one others") {
  Arrivals a(10.0, true, 1), b(10.0, true, 1), c(10.0, true, 2);
  (void)a.next(), (void)b.next(), (void)c.next();
  const nanoseconds first = a.next();
  CHECK(first == b.next());
  CHECK(first != c.next());
}

TEST_CASE("priorities are one name, or names with weights") {
  CHECK(parse_priorities("low")->weights == std::vector<double>{0, 0, 1});
  CHECK(parse_priorities("high=1,normal=8,low=0.5")->weights == std::vector<double>{1, 8, 0.5});
  for (const char* text : {"", "urgent", "high=", "high=x", "high=-1", "high=0", "high,", "high=1;low=1", "low=nan"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_priorities(text));
  }
}

TEST_CASE("a mix of priorities is drawn by its weights") {
  std::mt19937_64 random(3);
  const PriorityMix mix = *parse_priorities("high=1,low=3");
  int high = 0, low = 0;
  for (int i = 0; i < 10'000; ++i) {
    const Priority priority = mix.pick(random);
    high += priority == Priority::high;
    low += priority == Priority::low;
  }
  CHECK(high + low == 10'000);
  CHECK(high == doctest::Approx(2500).epsilon(0.1));
}

}  // namespace inpaintd::tools
