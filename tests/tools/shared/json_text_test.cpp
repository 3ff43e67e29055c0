// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/json_text.h"

#include <doctest/doctest.h>

#include <cmath>

namespace inpaintd::tools {

TEST_CASE("JSON text is indented, keeps the order of the keys, and ends with a newline") {
  CHECK(json_text({{"b", 1}, {"a", {true, "x"}}}) == "{\n  \"b\": 1,\n  \"a\": [\n    true,\n    \"x\"\n  ]\n}\n");
}

TEST_CASE("NaN and infinity become null in JSON text") {
  CHECK(json_text(std::nan("")) == "null\n");
  CHECK(json_text(INFINITY) == "null\n");
  CHECK(json_text(0.1) == "0.1\n");
}

TEST_CASE("JSON text is UTF-8, with U+FFFD in place of other bytes") {
  CHECK(json_text("grün \"quoted\" \x01") == "\"grün \\\"quoted\\\" \\u0001\"\n");
  CHECK(json_text("\xff") == "\"\xef\xbf\xbd\"\n");
}

}  // namespace inpaintd::tools
