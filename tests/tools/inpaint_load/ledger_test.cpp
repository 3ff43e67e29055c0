// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/ledger.h"

#include <doctest/doctest.h>

namespace inpaintd::tools {
namespace {

constexpr bool an_error = true, a_picture = false;

}  // namespace

TEST_CASE("the first final message ends a request, and later ones are duplicates") {
  Ledger ledger;
  ledger.open(Microseconds(0), Microseconds(1));
  ledger.open(Microseconds(10), Microseconds(11));
  wire::Done done;
  done.batch_size = 4;
  done.model = "m";
  done.device = "cpu";
  REQUIRE(ledger.enter(1, 0, a_picture));
  ledger.end(1, Microseconds(30), done);
  CHECK_FALSE(ledger.enter(1, 0, an_error));
  CHECK_FALSE(ledger.enter(1, 0, a_picture));
  CHECK_FALSE(ledger.enter(2, 0, a_picture));
  CHECK_FALSE(ledger.enter(1, 1, a_picture));  // no such attempt was made
  const auto records = ledger.records();
  REQUIRE(records.size() == 2);
  CHECK(records[0].code.empty());
  CHECK(records[1].code == code_ok);
  CHECK(records[1].answered == Microseconds(30));
  CHECK(records[1].duplicates == 2);
  CHECK(records[1].batch_size == 4);
  CHECK(records[1].served_by == "m on cpu");
}

TEST_CASE("each attempt may be answered once; a picture counts for any attempt, an error for the last one only") {
  Ledger ledger;
  ledger.open(Microseconds(0), Microseconds(0));
  REQUIRE(ledger.enter(0, 0, an_error));
  CHECK(ledger.open_attempt(0, Microseconds(100)) == 1);  // answered with an error, then retried
  CHECK(ledger.open_attempt(0, Microseconds(200)) == 2);  // not answered, then retried
  CHECK(ledger.attempts(0) == 3);
  SUBCASE("the error of an attempt before the last one changes nothing") {
    CHECK_FALSE(ledger.enter(0, 1, an_error));
    CHECK(ledger.is_open(0));
    CHECK(ledger.enter(0, 2, an_error));
  }
  SUBCASE(
      "the picture of an attempt before the last one ends the request, and later messages are late, not duplicates") {
    REQUIRE(ledger.enter(0, 1, a_picture));
    ledger.end(0, Microseconds(300), wire::Done{});
    CHECK_FALSE(ledger.enter(0, 2, a_picture));
    const Record record = ledger.records()[0];
    CHECK(record.late == 1);
    CHECK(record.duplicates == 0);
  }
}

TEST_CASE("waiting counts the open requests whose first attempt was sent at or before the given time") {
  Ledger ledger;
  for (int i = 0; i < 4; ++i) ledger.open(Microseconds(i), Microseconds(i * 10));
  CHECK(ledger.waiting(Microseconds::max()) == 4);
  ledger.end(0, Microseconds(50), "internal");
  ledger.end(2, Microseconds(50), "internal");
  CHECK(ledger.waiting(Microseconds::max()) == 2);
  CHECK(ledger.waiting(Microseconds(9)) == 0);
  CHECK(ledger.waiting(Microseconds(10)) == 1);
  CHECK(ledger.waiting(Microseconds(29)) == 1);
  CHECK(ledger.waiting(Microseconds(30)) == 2);
  CHECK(ledger.open_requests() == std::vector<std::size_t>{1, 3});
  CHECK(ledger.counts().open() == 2);
}

TEST_CASE("a request is overdue when its last attempt is not answered in time, but not while it waits for a retry") {
  Ledger ledger;
  ledger.open(Microseconds(0), Microseconds(0));
  ledger.open(Microseconds(0), Microseconds(0));
  ledger.open(Microseconds(0), Microseconds(20));
  REQUIRE(ledger.enter(1, 0, an_error));  // waits for a retry
  CHECK(ledger.overdue(Microseconds(19)) == std::vector<std::size_t>{0});
  CHECK(ledger.overdue(Microseconds(20)) == std::vector<std::size_t>{0, 2});
  ledger.open_attempt(1, Microseconds(30));
  CHECK(ledger.overdue(Microseconds(29)) == std::vector<std::size_t>{0, 2});
  CHECK(ledger.overdue(Microseconds(30)) == std::vector<std::size_t>{0, 1, 2});
}

}  // namespace inpaintd::tools
