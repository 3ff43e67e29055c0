// SPDX-License-Identifier: Apache-2.0
#include "core/colour.h"

#include <doctest/doctest.h>

namespace inpaintd {

TEST_CASE("a colour is read as it is written, with digits in upper or lower case") {
  CHECK(colour_from_text("#0aFF7f") == Colour{10, 255, 127});
  CHECK(text_of({10, 255, 127}) == "#0aff7f");
  CHECK(colour_from_text(text_of({})) == Colour{255, 255, 255});
  for (const char* wrong : {"", "#", "#fff", "ffffff", "#ffffff ", "#-fffff", "#0xffff", "#gggggg", "white"})
    CHECK_FALSE(colour_from_text(wrong));
}

}  // namespace inpaintd
