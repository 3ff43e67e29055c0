// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/compare.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

namespace inpaintd::tools {
namespace {

ComparisonResult example() {
  ComparisonResult result{16, "512x512 jpeg", "2 cores, Some CPU", {}};
  result.ways.push_back({"one at a time", {8, 9, 7}, {{1, 48}}, "m on cpu", {}, 5.25});
  result.ways.push_back({"batches of 4", {4, 4, 6}, {{3, 3}, {4, 45}}, "m on cpu", {}, std::nullopt});
  return result;
}

}  // namespace

TEST_CASE("the median of an even number of rounds is the mean of the two middle ones; without rounds it is 0") {
  Way way;
  CHECK(way.median_s() == 0);
  way.seconds = {4, 1, 3};
  CHECK(way.median_s() == 3);
  way.seconds = {4, 1, 3, 2};
  CHECK(way.median_s() == 2.5);
}

TEST_CASE("a comparison is printed with its ratios to the first way, and with the batch sizes of its pictures") {
  CHECK(to_table(example()) ==
        "16 pictures of 512x512 jpeg, m on cpu; 2 cores, Some CPU; medians of 3 rounds in turn\n\n"
        "way                total s    pictures/s     ratio   fill error   how the pictures ran\n"
        "one at a time         8.00          2.00      1.00         5.25   48 in 1s\n"
        "batches of 4          4.00          4.00      2.00            -   3 in 3s, 45 in 4s\n");
  const auto json = nlohmann::ordered_json::parse(to_json(example()));
  CHECK(json["ways"][1] == nlohmann::ordered_json::parse(R"({
    "name": "batches of 4", "median_s": 4, "pictures_per_s": 4, "ratio": 2, "seconds": [4, 4, 6],
    "fill_error": null,
    "batch_size": {"3": 3, "4": 45}, "served_by": "m on cpu"})"));
}

TEST_CASE("a comparison in which a picture is missing is printed as invalid") {
  ComparisonResult result = example();
  CHECK(result.sound());
  result.ways[1].all.requests = 1;
  CHECK_FALSE(result.sound());
  CHECK(to_table(result).find("INVALID: ") != std::string::npos);
  result = example();
  result.ways[0].seconds.clear();
  CHECK_FALSE(result.sound());
}

}  // namespace inpaintd::tools
