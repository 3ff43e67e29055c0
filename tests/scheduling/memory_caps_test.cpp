// SPDX-License-Identifier: Apache-2.0
#include "scheduling/memory_caps.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace inpaintd;

namespace {

constexpr Size small{256, 256};
constexpr Size large{2048, 2048};

void work(MemoryCaps& caps, int batches, std::size_t count) {
  for (int i = 0; i < batches; ++i) caps.worked("cuda:0", large, count);
}

}  // namespace

TEST_CASE("a batch that ran out of memory halves only the cap of its size on its device") {
  MemoryCaps caps;
  CHECK(caps.cap("cuda:0", large, 8) == 8);
  caps.out_of_memory("cuda:0", large, 8);
  CHECK(caps.cap("cuda:0", large, 8) == 4);
  CHECK(caps.cap("cuda:0", small, 8) == 8);
  CHECK(caps.cap("cuda:1", large, 8) == 8);
  caps.out_of_memory("cuda:0", large, 4);
  CHECK(caps.cap("cuda:0", large, 8) == 2);
  CHECK(caps.cap("cuda:0", large, 1) == 1);
}

TEST_CASE("a cap is never below one") {
  MemoryCaps caps;
  caps.out_of_memory("cuda:0", large, 1);
  CHECK(caps.cap("cuda:0", large, 8) == 1);
}

TEST_CASE("a cap grows by one after 64 batches at the cap, and smaller batches do not count") {
  MemoryCaps caps;
  caps.out_of_memory("cuda:0", large, 8);
  work(caps, 1000, 3);
  work(caps, 63, 4);
  CHECK(caps.cap("cuda:0", large, 8) == 4);
  work(caps, 1, 4);
  CHECK(caps.cap("cuda:0", large, 8) == 5);
}

TEST_CASE("each further failure doubles the number of batches before the cap grows, up to 4096") {
  MemoryCaps caps;
  int patience = 64;
  for (int failure = 0; failure < 10; ++failure) {
    caps.out_of_memory("cuda:0", large, 8);
    work(caps, patience - 1, 4);
    CHECK(caps.cap("cuda:0", large, 8) == 4);
    work(caps, 1, 4);
    CHECK(caps.cap("cuda:0", large, 8) == 5);
    patience = std::min(patience * 2, 4096);
  }
}

TEST_CASE("sizes of nearly the same area share a cap") {
  MemoryCaps caps;
  caps.out_of_memory("cuda:0", {2048, 2048}, 8);
  CHECK(caps.cap("cuda:0", {2048, 2056}, 8) == 4);
  CHECK(caps.cap("cuda:0", {1024, 4096}, 8) == 4);
  CHECK(caps.cap("cuda:0", {1448, 1448}, 8) == 8);
}
