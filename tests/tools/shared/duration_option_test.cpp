// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/duration_option.h"

#include <doctest/doctest.h>

namespace inpaintd::tools {

using std::chrono::milliseconds;

TEST_CASE("a duration on the command line is a number of seconds, or an integer with a unit") {
  CHECK(parse_seconds("2") == milliseconds(2000));
  CHECK(parse_seconds("0.25") == milliseconds(250));
  CHECK(parse_seconds("0") == milliseconds(0));
  CHECK(parse_seconds("500ms") == milliseconds(500));
  CHECK(parse_seconds("2min") == milliseconds(120'000));
  for (const char* text : {"", "s", "-1", "1x", "nan", "1e300", "0.5s"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_seconds(text));
  }
}

}  // namespace inpaintd::tools
