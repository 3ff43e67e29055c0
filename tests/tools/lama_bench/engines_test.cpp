// SPDX-License-Identifier: Apache-2.0
#include "tools/lama_bench/engines.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tools/lama_bench/work.h"

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
  const Model model = load_bench_model(options);
  REQUIRE(std::holds_alternative<LamaWeights>(model));
  CHECK(std::get<LamaWeights>(model).shape == LamaShape{4, 1, 8, 24});
  Contender good{EngineKind::native, Precision::fp32, Isa::automatic, nullptr, {}};
  make_engine(good, options, model);
  REQUIRE(good.inpainter);
  CHECK(good.inpainter->model_name() == "random-4-1");
  options.device = "cuda:99";
  Contender bad{EngineKind::native, Precision::fp32, Isa::automatic, nullptr, {}};
  make_engine(bad, options, model);
  CHECK_FALSE(bad.inpainter);
  CHECK(bad.refusal.find("cuda:99") != std::string::npos);
}

TEST_CASE("a model file that does not exist is refused before any measurement") {
  BenchOptions options;
  options.model = "/no/such/file";
  CHECK_THROWS_WITH(load_bench_model(options), doctest::Contains("/no/such/file"));
}

TEST_CASE("the nominal work of the published networks is that of their definitions") {
  CHECK(nominal_flops(LamaShape{64, 18, 128, 384}, {512, 512}) == doctest::Approx(440e9).epsilon(0.01));
  const MiganShape migan{{64, 128, 256, 512, 512, 512, 512, 512}};
  CHECK(nominal_flops(migan, {512, 512}) == doctest::Approx(29.4e9).epsilon(0.01));
  CHECK(nominal_flops(migan, {1024, 512}) == doctest::Approx(2 * 29.4e9).epsilon(0.01));
  CHECK(nominal_flops(Model{ScriptFile{"other.pt"}}, {512, 512}) == 0);
}

}  // namespace inpaintd::tools
