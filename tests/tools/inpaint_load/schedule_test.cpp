// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/schedule.h"

#include <doctest/doctest.h>

#include <cmath>
#include <utility>
#include <vector>

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

TEST_CASE("Poisson arrivals begin at 0, never go back, keep the rate, and have exponentially distributed gaps") {
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

TEST_CASE("the same seed gives the same arrivals, and another seed gives others") {
  Arrivals a(10.0, true, 1), b(10.0, true, 1), c(10.0, true, 2);
  (void)a.next(), (void)b.next(), (void)c.next();
  const nanoseconds first = a.next();
  CHECK(first == b.next());
  CHECK(first != c.next());
}

TEST_CASE("the phases of a profile fill the run") {
  using namespace std::chrono_literals;
  const auto table = [](Profile profile) {
    std::vector<std::pair<double, double>> rows;
    for (const Phase& phase : make_phases(profile, 2s, 15s))
      rows.emplace_back(std::chrono::duration<double>(phase.length).count(), phase.factor);
    return rows;
  };
  using Table = std::vector<std::pair<double, double>>;
  CHECK(table(Profile::steady) == Table{{2, 1}, {15, 1}});
  CHECK(table(Profile::overload) == Table{{2, 1}, {15, 2}});
  CHECK(table(Profile::burst) == Table{{2, 0.5}, {8, 0.5}, {2, 3}, {5, 0.5}});
  const Table ramp = table(Profile::ramp);
  REQUIRE(ramp.size() == 11);
  CHECK(ramp.front() == std::pair(2.0, 0.2));
  CHECK(ramp.back() == std::pair(1.5, 2.0));
  CHECK(make_phases(Profile::steady, 0s, 15s).size() == 1);
}

TEST_CASE("arrivals follow the phases, and the rate of the last phase stays") {
  using namespace std::chrono_literals;
  Arrivals arrivals(10, false, 1, {{1s, 1}, {1s, 2}, {1s, 0.5}});
  std::vector<int> in_second(6);
  for (nanoseconds due = arrivals.next(); due < 6s; due = arrivals.next())
    ++in_second[static_cast<std::size_t>(due / 1s)];
  CHECK(in_second == std::vector<int>{10, 20, 5, 5, 5, 5});
}

TEST_CASE("Poisson arrivals follow the phases on average") {
  using namespace std::chrono_literals;
  Arrivals arrivals(1000, true, 5, {{10s, 0.5}, {10s, 2}});
  int slow = 0, fast = 0;
  for (nanoseconds due = arrivals.next(); due < 20s; due = arrivals.next()) ++(due < 10s ? slow : fast);
  CHECK(slow == doctest::Approx(5000).epsilon(0.05));
  CHECK(fast == doctest::Approx(20000).epsilon(0.03));
}

}  // namespace inpaintd::tools
