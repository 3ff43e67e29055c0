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

TEST_CASE("a list is split at its commas, without white space and empty elements") {
  using List = std::vector<std::string>;
  CHECK(split_list("") == List{});
  CHECK(split_list(" ,\t, ") == List{});
  CHECK(split_list("a") == List{"a"});
  CHECK(split_list(" a b ,c,,\nd") == List{"a b", "c", "d"});
}

TEST_CASE("passwords and tokens of URLs are hidden") {
  CHECK(without_secrets("nats://host:4222") == "nats://host:4222");
  CHECK(without_secrets("nats://user:secret@host") == "nats://user:***@host");
  CHECK(without_secrets("nats://token@host") == "nats://***@host");
  CHECK(without_secrets("user:secret@host") == "user:***@host");
  CHECK(without_secrets("cannot reach \"nats://a:b@c\", (tls://d:e@f)") ==
        "cannot reach \"nats://a:***@c\", (tls://d:***@f)");
}
