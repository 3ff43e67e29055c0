// SPDX-License-Identifier: Apache-2.0
#include "tools/lama_bench/engines.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace inpaintd::tools {
namespace {

std::vector<std::string> names(const BenchOptions& options) {
  std::vector<std::string> names;
  for (const Contender& each : list_contenders(options))
    names.push_back(fmt::format("{} {}", each.label(), name(each.precision)));
  return names;
}

}  // namespace

TEST_CASE("each combination of the choices that an engine has is a contender") {
  BenchOptions options;
  options.engines = {EngineKind::script, EngineKind::native, EngineKind::null};
  options.precisions = {Precision::fp32, Precision::fp16};
  options.isas = {Isa::automatic, Isa::avx2};
  CHECK(names(options) == std::vector<std::string>{"script fp32", "script fp16", "native fp32", "native fp16",
                                                   "native avx2 fp32", "native avx2 fp16", "null auto"});
  options.device = "cuda:0";
  CHECK(names(options) ==
        std::vector<std::string>{"script fp32", "script fp16", "native fp32", "native fp16", "null auto"});
}

TEST_CASE("an engine of random weights runs, and an engine that cannot be made has a refusal") {
  BenchOptions options;
  options.model = "random:4,1";
  options.threads = 1;
  const auto weights = load_weights(options);
  REQUIRE(weights);
  CHECK(weights->shape == LamaShape{4, 1, 8, 24});
  Contender good{EngineKind::native, Precision::fp32, Isa::automatic, nullptr, {}};
  make_engine(good, options, weights);
  REQUIRE(good.inpainter);
  CHECK(good.inpainter->model_name() == "random-4-1");
  options.device = "cuda:99";
  Contender bad{EngineKind::native, Precision::fp32, Isa::automatic, nullptr, {}};
  make_engine(bad, options, weights);
  CHECK_FALSE(bad.inpainter);
  CHECK(bad.refusal.find("cuda:99") != std::string::npos);
}

TEST_CASE("a model file that does not exist is refused before any measurement") {
  BenchOptions options;
  options.model = "/no/such/file";
  CHECK_THROWS_WITH(load_weights(options), doctest::Contains("/no/such/file"));
}

}  // namespace inpaintd::tools
