// SPDX-License-Identifier: Apache-2.0
#include "bus/sha256.h"

#include <doctest/doctest.h>

namespace inpaintd::test {

TEST_CASE("the hashes are those of the examples of FIPS 180, also of bytes in parts") {
  CHECK(sha256_hex({}) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex(as_bytes("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 whole, parts;
  whole.add(as_bytes("abc"));
  parts.add(as_bytes("a"));
  parts.add(as_bytes("bc"));
  CHECK(whole.finish() == parts.finish());
}

}  // namespace inpaintd::test
