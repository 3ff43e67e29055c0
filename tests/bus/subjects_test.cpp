// SPDX-License-Identifier: Apache-2.0
#include "bus/subjects.h"

#include <doctest/doctest.h>

namespace inpaintd {

TEST_CASE("the subject of a request carries its priority") {
  CHECK(run_subject("inpaint", Priority::high) == "inpaint.v1.run.high");
  CHECK(run_subject("inpaint", Priority::normal) == "inpaint.v1.run");
  CHECK(run_subject("inpaint") == "inpaint.v1.run");
  CHECK(run_subject("a.b", Priority::low) == "a.b.v1.run.low");
  CHECK(cancel_subject("a.b") == "a.b.v1.cancel");
}

}  // namespace inpaintd
