// SPDX-License-Identifier: Apache-2.0
#include "core/json.h"

#include <doctest/doctest.h>

#include <limits>

namespace inpaintd::json {

TEST_CASE("any text becomes a valid JSON string") {
  CHECK(quoted("a\"b\\c/d") == R"("a\"b\\c/d")");
  CHECK(quoted(std::string("\0\x1f\n\t", 4)) == R"("\u0000\u001f\u000a\u0009")");
  CHECK(quoted("\x7f") == "\"\x7f\"");
  CHECK(quoted("\u00e9\u20ac\U0001f600\U0010ffff") == "\"\u00e9\u20ac\U0001f600\U0010ffff\"");
  const std::string bad = "\uFFFD";
  CHECK(quoted("\xff") == "\"" + bad + "\"");
  CHECK(quoted("\xc3") == "\"" + bad + "\"");                                // cut off
  CHECK(quoted("\xc0\xaf") == "\"" + bad + bad + "\"");                      // overlong
  CHECK(quoted("\xe0\x80\xaf") == "\"" + bad + bad + bad + "\"");            // overlong
  CHECK(quoted("\xed\xa0\x80") == "\"" + bad + bad + bad + "\"");            // surrogate
  CHECK(quoted("\xf4\x90\x80\x80") == "\"" + bad + bad + bad + bad + "\"");  // beyond U+10FFFF
  CHECK(quoted("a\x80z") == "\"a" + bad + "z\"");
}

TEST_CASE("an object holds its members in the order of writing") {
  CHECK(Object().str() == "{}");
  CHECK(Object().text("a", "b").number("n", 7).flag("f", true).raw("x", "[1]").str() ==
        R"({"a":"b","n":7,"f":true,"x":[1]})");
  CHECK(array({}) == "[]");
  CHECK(array({"1", quoted("two")}) == R"([1,"two"])");
}

TEST_CASE("a number that JSON cannot hold is written as 0") {
  CHECK(Object().real("r", 0.1234567).str() == R"({"r":0.123457})");
  CHECK(Object().real("r", 12).str() == R"({"r":12})");
  CHECK(Object().real("r", std::numeric_limits<double>::quiet_NaN()).str() == R"({"r":0})");
  CHECK(Object().real("r", std::numeric_limits<double>::infinity()).str() == R"({"r":0})");
}

}  // namespace inpaintd::json
