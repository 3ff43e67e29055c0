// SPDX-License-Identifier: Apache-2.0
#include "core/units.h"

#include <doctest/doctest.h>

#include <array>

using namespace inpaintd;
using namespace std::chrono_literals;

TEST_CASE("a number is read only if it is the whole text and fits its type") {
  CHECK(parse_number<int>("-12") == -12);
  CHECK(parse_number<std::uint8_t>("255") == 255);
  CHECK(parse_number<double>("0.25") == 0.25);
  for (const char* text : {"", " 1", "1 ", "+1", "1x", "0x1", "2147483648"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_number<int>(text));
  }
  CHECK_FALSE(parse_number<std::uint8_t>("256"));
  CHECK_FALSE(parse_number<std::uint8_t>("-1"));
}

TEST_CASE("a duration is a whole number and a unit, and prints in the largest unit without a fraction") {
  struct Row {
    std::string text;
    std::chrono::milliseconds value;
    std::string printed;
  };
  for (const Row& row :
       {Row{"0ms", 0ms, "0ms"}, Row{"5ms", 5ms, "5ms"}, Row{"1500ms", 1500ms, "1500ms"}, Row{"30s", 30s, "30s"},
        Row{"60s", 60s, "1min"}, Row{"90min", 90min, "90min"}, Row{"2h", 2h, "2h"}, Row{"0s", 0ms, "0ms"}}) {
    CAPTURE(row.text);
    REQUIRE(parse_duration(row.text));
    CHECK(*parse_duration(row.text) == row.value);
    CHECK(duration_text(row.value) == row.printed);
  }
  for (const char* text :
       {"", "5", "ms", "5 ms", "-5ms", "0.5s", "5msec", "5S", "99999999999999999h", "99999999999999999999ms"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text));
  }
}

TEST_CASE("a value with a unit is bounded by 64 bits") {
  constexpr std::array units{Unit{"Ki", 1024}, Unit{"", 1}};
  CHECK(parse_with_unit("9007199254740991Ki", units) == 9007199254740991 * 1024);
  CHECK_FALSE(parse_with_unit("9007199254740992Ki", units));
  CHECK(text_with_unit(2048, units) == "2Ki");
  CHECK(text_with_unit(2049, units) == "2049");
}

TEST_CASE("a size is WIDTHxHEIGHT") {
  CHECK(size_text({640, 384}) == "640x384");
  CHECK(parse_size("640x384") == Size{640, 384});
  for (const char* text : {"", "640", "640x", "x384", "640x384x1", "640 x 384", "640X384"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_size(text));
  }
}
