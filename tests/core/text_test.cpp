// SPDX-License-Identifier: Apache-2.0
#include "core/text.h"

#include <doctest/doctest.h>
#include <array>

using namespace inpaintd;

TEST_CASE("the edit distance counts inserted, removed and replaced characters") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("mask", "mask") == 0);
  CHECK(edit_distance("", "mask") == 4);
  CHECK(edit_distance("mask", "") == 4);
  CHECK(edit_distance("msk", "mask") == 1);
  CHECK(edit_distance("maask", "mask") == 1);
  CHECK(edit_distance("mark", "mask") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("the nearest word is the first one with the smallest edit distance") {
  constexpr std::array<std::string_view, 3> words{"image", "mask", "mass"};
  CHECK(nearest("imagee", words) == "image");
  CHECK(nearest("masx", words) == "mask");
}

TEST_CASE("white space is removed at both ends of a text, and kept inside") {
  CHECK(without_blanks("") == "");
  CHECK(without_blanks(" \t\r\n\v\f") == "");
  CHECK(without_blanks(" a b\n") == "a b");
}
