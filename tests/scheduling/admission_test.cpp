// SPDX-License-Identifier: Apache-2.0
#include "scheduling/admission.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

using namespace inpaintd;
using namespace std::chrono_literals;

TEST_CASE("a service that is full by count refuses requests") {
  const auto admission = std::make_shared<Admission>(2, 1000);
  std::optional<Reservation> first = *admission->reserve(1);
  const Reservation second = *admission->reserve(1);
  const auto third = admission->reserve(1);
  REQUIRE(!third);
  CHECK(third.error().code == ErrorCode::overloaded);
  CHECK(third.error().retry_after.value() >= 10ms);
  CHECK(third.error().retry_after.value() <= 60s);

  first.reset();
  CHECK(admission->requests() == 1);
  CHECK(admission->reserve(1));
}

TEST_CASE("a service that is full by bytes refuses requests one byte beyond the limit") {
  const auto admission = std::make_shared<Admission>(100, 1000);
  const Reservation first = *admission->reserve(400, Priority::high);
  CHECK(!admission->reserve(601, Priority::high));
  CHECK(admission->reserve(600, Priority::high));
  CHECK(admission->bytes() == 400);
}

TEST_CASE("low priority gets three quarters of the places, and the last sixteenth is for high priority") {
  const auto admission = std::make_shared<Admission>(160, 1600);
  std::vector<Reservation> held;
  const auto fill = [&](Priority priority) {
    while (auto place = admission->reserve(1, priority)) held.push_back(*place);
    return held.size();
  };
  CHECK(fill(Priority::low) == 120);
  CHECK(fill(Priority::normal) == 150);
  CHECK(fill(Priority::low) == 150);
  CHECK(fill(Priority::high) == 160);
}

TEST_CASE("low priority gets three quarters of the bytes") {
  const auto admission = std::make_shared<Admission>(100, 1600);
  const Reservation first = *admission->reserve(600);
  CHECK(!admission->reserve(601, Priority::low));
  CHECK(admission->reserve(600, Priority::low));
  CHECK(!admission->reserve(901));
  CHECK(admission->reserve(900));
}

TEST_CASE("a request larger than the byte bound passes when it is alone") {
  const auto admission = std::make_shared<Admission>(100, 1000);
  const Reservation alone = *admission->reserve(5000);
  CHECK(!admission->reserve(1));
}

TEST_CASE("a place is free again when its last holder releases it") {
  const auto admission = std::make_shared<Admission>(1, 1000);
  std::optional<Reservation> place = *admission->reserve(7);
  std::optional<Reservation> copy = place;
  place.reset();
  CHECK(admission->requests() == 1);
  copy.reset();
  CHECK(admission->requests() == 0);
  CHECK(admission->bytes() == 0);
}

TEST_CASE("a closed admission refuses as shutting_down, and wait_until_empty waits for the last request") {
  const auto admission = std::make_shared<Admission>(10, 1000);
  std::optional<Reservation> held = *admission->reserve(1);
  admission->close();
  const auto refused = admission->reserve(1);
  REQUIRE(!refused);
  CHECK(refused.error().code == ErrorCode::shutting_down);
  CHECK(!admission->wait_until_empty(1ms));
  held.reset();
  CHECK(admission->wait_until_empty(1ms));
}

TEST_CASE(
    "the bytes of a decoded request replace those of its message, and the bound is for the sum over all requests") {
  const auto admission = std::make_shared<Admission>(100, 1000);
  const Reservation first = *admission->reserve(10);
  const Reservation second = *admission->reserve(10);
  CHECK(first->hold_decoded(600));
  CHECK(admission->bytes() == 610);
  const Status refused = second->hold_decoded(339);  // normal priority may fill 938
  REQUIRE(!refused);
  CHECK(refused.error().code == ErrorCode::overloaded);
  CHECK(refused.error().retry_after.value() >= 10ms);
  CHECK(admission->bytes() == 610);
  CHECK(second->hold_decoded(338));
  CHECK(admission->bytes() == 938);
}

TEST_CASE("a picture larger than the byte bound is decoded if no other request holds pixels") {
  const auto admission = std::make_shared<Admission>(100, 1000);
  std::optional<Reservation> large = *admission->reserve(10);
  const Reservation other = *admission->reserve(10);
  CHECK((*large)->hold_decoded(5000));
  CHECK((*large)->hold_decoded(6000));  // the exact size is larger than the estimate
  CHECK(!other->hold_decoded(20));
  large.reset();
  CHECK(admission->bytes() == 10);
  CHECK(other->hold_decoded(5000));
}

TEST_CASE("a place that is released before it is settled answers its request") {
  const auto admission = std::make_shared<Admission>(10, 1000);
  std::vector<std::string> lost;
  const auto place_of = [&](const std::string& inbox) {
    Reservation place = *admission->reserve(1);
    Ticket ticket;
    ticket.reply = inbox;
    place->answer_for(ticket, [&](const Ticket& who, const std::optional<Error>& ending) {
      lost.push_back(who.reply + " " + who.id + (ending ? ": " + std::string(info(ending->code).name) : ""));
      CHECK(admission->requests() == 1);  // wait_until_empty waits for this request, too
    });
    return place;
  };
  place_of("settled")->settle();
  CHECK(lost.empty());
  place_of("unread").reset();
  place_of("read")->update(Ticket{.id = "a1", .reply = "read"});
  {
    const Reservation late = place_of("late");
    admission->end(Ending::no_new_work);
  }
  CHECK(lost == std::vector<std::string>{"unread ", "read a1", "late : shutting_down"});
  CHECK(admission->requests() == 0);
}

TEST_CASE("the refusal at the end of the service depends on the stage of the end and of the request") {
  const auto admission = std::make_shared<Admission>(10, 1000);
  const Reservation place = *admission->reserve(1);
  CHECK(!place->refusal());
  admission->end(Ending::no_new_work);
  CHECK(place->refusal().value().code == ErrorCode::shutting_down);
  CHECK(!place->refusal(true));
  admission->end(Ending::only_refusals);
  CHECK(place->refusal(true).value().code == ErrorCode::shutting_down);
}
