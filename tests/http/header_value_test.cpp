// SPDX-License-Identifier: Apache-2.0
#include "http/header_value.h"

#include <doctest/doctest.h>

using namespace inpaintd;

TEST_CASE("a header value is read with its parameters, quoted or not") {
  const auto value = parse_header_value(R"( Form-Data; name="image"; FileName="a \"b\".png"; x = y ;flag; empty="")");
  CHECK(value.value == "form-data");
  CHECK(value.parameter("name") == "image");
  CHECK(value.parameter("filename") == "a \"b\".png");
  CHECK(value.parameter("x") == "y");
  CHECK(value.parameter("flag") == "");
  CHECK(value.parameter("empty") == "");
}

TEST_CASE("the backslashes of a Windows path in a header value are kept") {
  CHECK(parse_header_value(R"(form-data; filename="C:\photos\me.jpg")").parameter("filename") == R"(C:\photos\me.jpg)");
}

TEST_CASE("a malformed header value is read as far as it can be understood") {
  for (const char* text : {"", ";", ";;;", "a;=", "a; =b", "a; b=\"", "a; b=\"c", "a; b=\"c\\", "a; b=c; ; d"}) {
    CAPTURE(text);
    CHECK(parse_header_value(text).value.size() <= 1);
  }
  CHECK(parse_header_value("a; b=\"c; d=e").parameter("b") == "c; d=e");
}
