// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load_ledger.h"

#include <doctest/doctest.h>

namespace inpaintd::tools {

TEST_CASE("the first final message settles a request, later ones are duplicates") {
  Ledger ledger;
  ledger.open(Microseconds(0), Microseconds(1));
  ledger.open(Microseconds(10), Microseconds(11));
  wire::Done done;
  done.batch_size = 4;
  done.model = "m";
  done.device = "cpu";
  CHECK(ledger.settle(1, Microseconds(30), done));
  CHECK_FALSE(ledger.settle(1, Microseconds(40), "overloaded"));
  CHECK_FALSE(ledger.settle(1, Microseconds(50), done));
  CHECK_FALSE(ledger.settle(2, Microseconds(60), done));
  const auto records = ledger.records();
  REQUIRE(records.size() == 2);
  CHECK(records[0].code.empty());
  CHECK(records[1].code == "ok");
  CHECK(records[1].answered == Microseconds(30));
  CHECK(records[1].duplicates == 2);
  CHECK(records[1].batch_size == 4);
  CHECK(records[1].served_by == "m on cpu");
}

TEST_CASE("waiting counts the requests without an answer that left early enough") {
  Ledger ledger;
  for (int i = 0; i < 4; ++i) ledger.open(Microseconds(i), Microseconds(i * 10));
  CHECK(ledger.waiting(Microseconds::max()) == 4);
  CHECK(ledger.settle(0, Microseconds(50), "internal"));
  CHECK(ledger.settle(2, Microseconds(50), "internal"));
  CHECK(ledger.waiting(Microseconds::max()) == 2);
  CHECK(ledger.waiting(Microseconds(9)) == 0);
  CHECK(ledger.waiting(Microseconds(10)) == 1);
  CHECK(ledger.waiting(Microseconds(29)) == 1);
  CHECK(ledger.waiting(Microseconds(30)) == 2);
}

}  // namespace inpaintd::tools
