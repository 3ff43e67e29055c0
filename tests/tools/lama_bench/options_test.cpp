// SPDX-License-Identifier: Apache-2.0
#include "tools/lama_bench/options.h"

#include <doctest/doctest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <stdexcept>

namespace inpaintd::tools {
namespace {

/// False when the parser refuses the arguments.
bool parse(std::vector<std::string> arguments, BenchOptions& options) {
  CLI::App app("test", "lama-bench");
  options.declare(app);
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes the arguments of a vector from the back
  try {
    app.parse(arguments);
    return true;
  } catch (const CLI::ParseError&) {
    return false;
  }
}

bool parses(std::vector<std::string> arguments) {
  BenchOptions options;
  return parse(std::move(arguments), options);
}

}  // namespace

TEST_CASE("a size is a side or WIDTHxHEIGHT, in multiples of 8 from 16 to 8192") {
  CHECK(size_from_text("16") == Size{16, 16});
  CHECK(size_from_text("8192x24") == Size{8192, 24});
  for (const char* wrong :
       {"", "x", "8", "8200", "20", "512x", "x512", "512x20", "512x512x512", "512 ", "-16", "1e3"}) {
    CAPTURE(wrong);
    CHECK_FALSE(size_from_text(wrong));
  }
}

TEST_CASE("lists are separated by commas, and have one value by default") {
  BenchOptions options;
  REQUIRE(
      parse({"--size", "256,640x384", "--batch", "1,4", "--precision", "fp32,fp16", "--isa", "avx512,avx2"}, options));
  CHECK(options.sizes == std::vector<Size>{{256, 256}, {640, 384}});
  CHECK(options.batches == std::vector{1, 4});
  CHECK(options.precisions == std::vector{Precision::fp32, Precision::fp16});
  CHECK(options.isas == std::vector{Isa::avx512, Isa::avx2});
  BenchOptions none;
  REQUIRE(parse({}, none));
  CHECK(none.sizes == std::vector<Size>{{512, 512}});
  CHECK(none.precisions == std::vector{Precision::fp32});
}

TEST_CASE("unknown names and numbers out of range are wrong usage") {
  CHECK_FALSE(parses({"--engine", "fast"}));
  CHECK_FALSE(parses({"--precision", "fp64"}));
  CHECK_FALSE(parses({"--isa", "sse"}));
  CHECK_FALSE(parses({"--size", "500"}));
  CHECK_FALSE(parses({"--batch", "0"}));
  CHECK(parses({"--batch", "1024"}));
  CHECK_FALSE(parses({"--batch", "1025"}));
  CHECK(parses({"--repeat", "0"}));
  CHECK_FALSE(parses({"--repeat", "-1"}));
  CHECK_FALSE(parses({"--soak", "-1"}));
  CHECK_FALSE(parses({"--threads", "1025"}));
}

TEST_CASE("random:NGF,BLOCKS names a shape, the name of a file does not") {
  CHECK(random_shape("random") == LamaShape{64, 18, 128, 384});
  CHECK(random_shape("random:8,2") == LamaShape{8, 2, 16, 48});
  CHECK_FALSE(random_shape("big-lama.pt"));
  CHECK_FALSE(random_shape(""));
  for (const char* wrong :
       {"random:", "random:8", "random:0,2", "random:513,2", "random:8,0", "random:8,101", "random:8,2x"})
    CHECK_THROWS_AS(random_shape(wrong), std::runtime_error);
}

}  // namespace inpaintd::tools
