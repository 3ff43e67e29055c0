// SPDX-License-Identifier: Apache-2.0
#include "actors/intake.h"

#include "scheduling/cancellations.h"
#include "tests/actors/fixture.h"

using namespace inpaintd;
using namespace inpaintd::test;

namespace {

/// Ingresses that look when they get a message, and note the envelopes that they take.
struct IntakeFixture : ActorFixture {
  caf::actor ingress(const std::string& name) {
    return system.spawn([this, name](caf::event_based_actor* self) -> caf::behavior {
      const auto look = [this, name, self] {
        if (const auto found = intake.take(self->address())) taken.push_back(name + " " + number(*found));
      };
      look();
      return {[look](work_atom) { look(); }};
    });
  }
  void put(int number, Priority priority = Priority::normal) {
    Ticket ticket;
    ticket.priority = priority;
    ticket.received = TimePoint{} + std::chrono::seconds(number);
    intake.put({ticket, Message(nullptr), nullptr});
  }
  static std::string number(const Envelope& envelope) {
    return std::to_string(
        std::chrono::duration_cast<std::chrono::seconds>(envelope.ticket.received.time_since_epoch()).count());
  }
  std::vector<std::string> take_all() {
    std::vector<std::string> numbers;
    while (const auto envelope = intake.take({})) numbers.push_back(number(*envelope));
    return numbers;
  }

  Intake intake{2};
  std::vector<std::string> taken;
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE_FIXTURE(IntakeFixture, "envelopes leave by priority, and within a priority in the order of arrival") {
  put(1, Priority::low);
  put(2);
  put(3, Priority::high);
  put(4);
  put(5, Priority::high);
  CHECK(intake.size() == 5);
  CHECK(take_all() == Lines{"3", "5", "2", "4", "1"});
  CHECK(intake.size() == 0);
}

TEST_CASE_FIXTURE(IntakeFixture, "an envelope wakes one idle ingress, and no ingress while all are busy") {
  const auto one = ingress("one"), two = ingress("two");
  run();
  put(1);
  put(2);
  put(3);
  run();
  std::ranges::sort(taken);
  // Each ingress looked once and is busy from then on; the third envelope waits for the next ingress that looks.
  CHECK(taken.size() == 2);
  CHECK(intake.size() == 1);
  exit(one);
  exit(two);
  run();
}

TEST_CASE_FIXTURE(IntakeFixture, "an idle ingress that has ended is passed over") {
  const auto one = ingress("one");
  {
    auto two = ingress("two");
    run();
    exit(two);
  }
  run();
  put(1);
  run();
  CHECK(taken == Lines{"one 1"});
  exit(one);
  run();
}

TEST_CASE("a cancelled id is remembered for ten seconds") {
  Cancellations cancelled;
  const TimePoint start = TimePoint{} + 1h;
  cancelled.add("a", start);
  CHECK(cancelled.contains("a", start));
  CHECK(!cancelled.contains("b", start));
  CHECK(cancelled.contains("a", start + 9999ms));
  CHECK(!cancelled.contains("a", start + 10s));
  cancelled.add("a", start + 9s);  // the later cancel of the same id counts
  CHECK(cancelled.contains("a", start + 18s));
  cancelled.add("b", start + 11s);  // the first entry of a is dropped, and the second stays
  CHECK(cancelled.contains("a", start + 18s));
}

TEST_CASE("only the latest of many cancelled ids are remembered") {
  Cancellations cancelled;
  const TimePoint start = TimePoint{} + 1h;
  for (std::size_t i = 0; i <= Cancellations::ids_max; ++i) cancelled.add(std::to_string(i), start);
  CHECK(!cancelled.contains("0", start));
  CHECK(cancelled.contains("1", start));
  CHECK(cancelled.contains(std::to_string(Cancellations::ids_max), start));
}
