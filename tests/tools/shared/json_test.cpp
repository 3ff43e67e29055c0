// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/json.h"

#include <doctest/doctest.h>

#include <cmath>

namespace inpaintd::tools {

TEST_CASE("texts are quoted and escaped") {
  CHECK(json::text("a \"b\" \\ c") == R"("a \"b\" \\ c")");
  CHECK(json::text("line\nend\x01") == R"("line\u000aend\u0001")");
  CHECK(json::text("grün") == "\"grün\"");
}

TEST_CASE("numbers have six digits, and what is none is null") {
  CHECK(json::number(0.1) == "0.1");
  CHECK(json::number(1.0 / 3) == "0.333333");
  CHECK(json::number(std::size_t{12345678}) == "12345678");
  CHECK(json::number(std::nan("")) == "null");
  CHECK(json::number(INFINITY) == "null");
}

TEST_CASE("objects keep their order") {
  json::Object object;
  object.add("b", json::number(1.0)).add("a", json::list({json::flag(true), json::text("x")}));
  CHECK(object.in_a_line() == R"({"b": 1, "a": [true, "x"]})");
  CHECK(object.in_lines() == "{\n  \"b\": 1,\n  \"a\": [true, \"x\"]\n}\n");
  CHECK(json::Object().in_a_line() == "{}");
}

}  // namespace inpaintd::tools
