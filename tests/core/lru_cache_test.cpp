// SPDX-License-Identifier: Apache-2.0
#include "core/lru_cache.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/support/lookups.h"

namespace inpaintd {
namespace {

std::shared_ptr<const std::string> value(const std::string& text) { return std::make_shared<const std::string>(text); }

TEST_CASE("the least recently used value is dropped for a new one, and a lookup counts as use") {
  Lookups counts;
  LruCache<std::string> cache(100, counts.observer());
  cache.insert({0, 1}, value("a"), 40);
  cache.insert({0, 2}, value("b"), 40);
  REQUIRE(cache.find({0, 1}));
  cache.insert({0, 3}, value("c"), 40);  // drops b
  CHECK(cache.bytes() == 80);
  CHECK_FALSE(cache.find({0, 2}));
  CHECK(*cache.find({0, 1}) == "a");
  CHECK(*cache.find({0, 3}) == "c");
  cache.insert({0, 4}, value("d"), 100);  // drops both
  CHECK(cache.bytes() == 100);
  CHECK_FALSE(cache.find({0, 1}));
  CHECK_FALSE(cache.find({0, 3}));
  CHECK(*cache.find({0, 4}) == "d");
  CHECK(counts.hits == 4);
  CHECK(counts.misses == 3);
}

TEST_CASE("a value as large as the cache is kept, and a value one byte larger is not") {
  Lookups counts;
  LruCache<std::string> cache(10, counts.observer());
  cache.insert({0, 1}, value("kept"), 10);
  cache.insert({0, 2}, value("too large"), 11);
  CHECK(cache.find({0, 1}));
  CHECK_FALSE(cache.find({0, 2}));
}

TEST_CASE("both halves of a key count, and a key that is present keeps its value") {
  Lookups counts;
  LruCache<std::string> cache(100, counts.observer());
  cache.insert({1, 7}, value("first"), 1);
  cache.insert({1, 7}, value("second"), 1);
  cache.insert({2, 7}, value("other"), 1);
  CHECK(*cache.find({1, 7}) == "first");
  CHECK(*cache.find({2, 7}) == "other");
  CHECK(cache.bytes() == 2);
}

TEST_CASE("a cache of 0 bytes keeps nothing and counts no misses") {
  Lookups counts;
  LruCache<std::string> cache(0, counts.observer());
  cache.insert({0, 1}, value("a"), 0);
  CHECK_FALSE(cache.find({0, 1}));
  CHECK(counts.misses == 0);
}

TEST_CASE("an evicted value stays alive where it is in use") {
  Lookups counts;
  LruCache<std::string> cache(1, counts.observer());
  cache.insert({0, 1}, value("a"), 1);
  const auto used = cache.find({0, 1});
  cache.insert({0, 2}, value("b"), 1);
  CHECK(*used == "a");
}

TEST_CASE("threads that share a cache see only the values of their keys, and the bound holds") {
  Lookups counts;
  LruCache<std::string> cache(50, counts.observer());
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&cache, &wrong, t] {
      for (std::uint64_t i = 0; i < 5000; ++i) {
        const Fingerprint key{0, (i * 7 + static_cast<std::uint64_t>(t)) % 20};
        if (const auto found = cache.find(key)) wrong += *found != std::to_string(key.low);
        cache.insert(key, value(std::to_string(key.low)), 5);
        wrong += cache.bytes() > 50;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(counts.hits + counts.misses == 20'000);
}

}  // namespace
}  // namespace inpaintd
