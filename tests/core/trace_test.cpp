// SPDX-License-Identifier: Apache-2.0
#include "core/trace.h"

#include <doctest/doctest.h>

#include <string>

using namespace inpaintd;

namespace {

const std::string good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

std::string with(std::size_t at, const std::string& text) { return std::string(good).replace(at, text.size(), text); }

}  // namespace

TEST_CASE("a traceparent of version 00 has four parts of lower case hex digits, and neither id is zero") {
  CHECK(valid_traceparent(good));
  CHECK(valid_traceparent(with(53, "ff")));
  const std::string bad[] = {"",
                             "00",
                             good.substr(0, 54),
                             good + "0",
                             good + "-more",
                             with(0, "0g"),
                             with(0, "ff"),
                             with(2, "_"),
                             with(35, "_"),
                             with(52, "_"),
                             with(3, "0AF7"),
                             with(3, std::string(32, '0')),
                             with(36, std::string(16, '0')),
                             with(53, "0 ")};
  for (const std::string& each : bad) {
    CAPTURE(each);
    CHECK_FALSE(valid_traceparent(each));
    CHECK(trace_id(each).empty());
  }
}

TEST_CASE("a traceparent of a later version may have more fields") {
  const std::string later = with(0, "cc");
  CHECK(valid_traceparent(later));
  CHECK(valid_traceparent(later + "-what-the-future-will-be-like"));
  CHECK_FALSE(valid_traceparent(later + ".what"));
  CHECK_FALSE(valid_traceparent(later + "-a\r\nb"));
  CHECK_FALSE(valid_traceparent(later + "-" + std::string(512, 'x')));
}

TEST_CASE("the trace id is the second part") { CHECK(trace_id(good) == "0af7651916cd43dd8448eb211c80319c"); }
