// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint/job_id.h"

#include <doctest/doctest.h>

#include "bus/subjects.h"

namespace inpaintd::tools {
namespace {

std::string id(std::string_view image, std::string_view mask, const Options& options = {}) {
  return job_id("alice", as_bytes(image), as_bytes(mask), options);
}

}  // namespace

TEST_CASE("the id of a job is the same on every machine and in every version") {
  // printf '\x82\xa5image\xc4\x05image\xa4mask\xc4\x04mask' | sha256sum
  CHECK(id("image", "mask") == "alice.b7473319fe6e75dd4ba2153f45b8e298");
  // printf '\x83\xa5image\xc4\x05image\xa4mask\xc4\x04mask\xa7options\x81\xa6format\xa3png' | sha256sum
  CHECK(id("image", "mask", {.format = Format::png}) == "alice.c6c5d12f38e266314ceab714b0d60542");
}

TEST_CASE("another picture, mask, option or owner is another job") {
  const std::string first = id("ab", "c");
  CHECK(id("a", "bc") != first);
  CHECK(id("c", "ab") != first);
  CHECK(id("ab", "d") != first);
  CHECK(id("ab", "c", {.feather = 1}) != first);
  CHECK(job_id("bob", as_bytes("ab"), as_bytes("c"), {}) == "bob" + first.substr(5));
}

TEST_CASE("an owner is a word that makes valid ids") {
  CHECK(valid_owner("Alice_2-b"));
  CHECK(valid_owner(std::string(owner_bytes_max, 'a')));
  CHECK(valid_job_id(job_id(std::string(owner_bytes_max, 'a'), {}, {}, {})));
  for (const std::string& wrong : {std::string(), std::string("a.b"), std::string("a:b"), std::string("a b"),
                                   std::string("\xc3\xa9"), std::string(owner_bytes_max + 1, 'a')}) {
    CAPTURE(wrong);
    CHECK(!valid_owner(wrong));
  }
}

}  // namespace inpaintd::tools
