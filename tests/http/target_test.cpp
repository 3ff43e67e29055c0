// SPDX-License-Identifier: Apache-2.0
#include "http/target.h"

#include <doctest/doctest.h>

using namespace inpaintd;

TEST_CASE("a target is read and percent-decoded") {
  const auto target = parse_target("/a%20b/c?task=1&task=2&x=%41+b&flag&=y&&#z");
  REQUIRE(target);
  CHECK(target->path == "/a b/c");
  CHECK(target->query.size() == 5);
  CHECK(target->value("task") == "1");
  CHECK(target->value("x") == "A b");
  CHECK(target->value("flag") == "");
  CHECK(!target->value("z"));
}

TEST_CASE("a target in another form, with a broken escape or a NUL is refused") {
  for (const char* text : {"", "*", "http://host/", "/%", "/%4", "/%zz", "/a?b=%", "/a%00b"}) {
    CAPTURE(text);
    CHECK(!parse_target(text));
  }
}
