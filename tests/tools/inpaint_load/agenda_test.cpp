// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/agenda.h"

#include <doctest/doctest.h>

namespace inpaintd::tools {

using namespace std::chrono_literals;

TEST_CASE("entries are returned when they are due, the earliest first") {
  Agenda agenda;
  const TimePoint start{};
  agenda.add({start + 20ms, 2, Agenda::What::cancel});
  agenda.add({start + 10ms, 1, Agenda::What::retry});
  CHECK_FALSE(agenda.take(start + 9ms));
  CHECK(agenda.take(start + 20ms)->number == 1);
  CHECK(agenda.take(start + 20ms)->number == 2);
  CHECK_FALSE(agenda.take(start + 1h));
}

TEST_CASE("slots are taken one by one") {
  Agenda agenda;
  CHECK_FALSE(agenda.take_slot());
  agenda.add_slots(2);
  CHECK(agenda.take_slot());
  CHECK(agenda.take_slot());
  CHECK_FALSE(agenda.take_slot());
}

TEST_CASE("waiting ends at once when an entry or a slot was added meanwhile, or when an entry is due") {
  Agenda agenda;
  agenda.add_slots(1);
  agenda.wait(Clock::now() + 1h);
  agenda.add({Clock::now() - 1ms, 0, Agenda::What::retry});
  agenda.wait(Clock::now() + 1h);  // an entry was added
  agenda.wait(Clock::now() + 1h);  // the entry is due
  CHECK(agenda.take(Clock::now()));
}

}  // namespace inpaintd::tools
