// SPDX-License-Identifier: Apache-2.0
#include "core/utf8.h"

#include <doctest/doctest.h>

namespace inpaintd {

TEST_CASE("UTF-8 is checked by RFC 3629: overlong, surrogate, too large and truncated characters are refused") {
  constexpr auto all = std::string_view::npos;
  CHECK(find_not_utf8("") == all);
  CHECK(find_not_utf8("plain\x01\x7f") == all);
  CHECK(find_not_utf8("\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf") == all);
  CHECK(find_not_utf8("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf") == all);
  for (const char* broken : {"ab\x80", "ab\xc1\xbf", "ab\xc2", "ab\xc2 ", "ab\xe0\x9f\xbf", "ab\xed\xa0\x80",
                             "ab\xe2\x82", "ab\xf0\x8f\xbf\xbf", "ab\xf4\x90\x80\x80", "ab\xf5\x80\x80\x80", "ab\xff"})
    CHECK(find_not_utf8(broken) == 2);
}

}  // namespace inpaintd
