// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>

#include "models/inpainter.h"
#include "models/lama/weights.h"
#include "models/model_file.h"
#include "models/reference/inpainter.h"
#include "tests/models/pairs.h"

namespace inpaintd {
namespace {

using test::largest_difference;
using test::Pair;
using test::random_pair;

Pixels run_one(Inpainter& engine, const Pair& pair) {
  auto answer = engine.run(std::vector{NetworkInput{&pair.image, &pair.mask, {}}});
  REQUIRE_MESSAGE(answer, answer.error().message);
  REQUIRE(answer->size() == 1);
  return std::move((*answer)[0]);
}

std::unique_ptr<Inpainter> make(const EngineOptions& options) {
  auto engine = make_inpainter(options, random_lama_weights({8, 2, 16, 48}, 9));
  REQUIRE_MESSAGE(engine, engine.error().message);
  return *std::move(engine);
}

}  // namespace

TEST_CASE("an engine runs the embedded default without any configuration and describes itself") {
  auto engine = make_inpainter({.threads = 1});
  REQUIRE_MESSAGE(engine, engine.error().message);
  CHECK((*engine)->model_name() == "default");
  CHECK((*engine)->device_name() == "cpu");
  CHECK((*engine)->describe().find("the embedded default") != std::string::npos);
  CHECK((*engine)->describe().find("1 thread") != std::string::npos);
  const Pair pair = random_pair(64, 48, 1);
  CHECK(run_one(**engine, pair).size() == Size{64, 48});
}

TEST_CASE("native and script give the same picture within one level, for any multiples of 8") {
  const auto native = make({.engine = EngineKind::native, .threads = 1});
  const auto script = make({.engine = EngineKind::script, .threads = 1});
  for (auto [width, height] : {std::pair{16, 16}, {24, 16}, {72, 40}, {40, 104}}) {
    CAPTURE(width);
    const Pair pair = random_pair(width, height, 4);
    CHECK(largest_difference(run_one(*native, pair), run_one(*script, pair)) <= 1);
  }
}

TEST_CASE("a prediction depends neither on its place in a batch of 1 to 8 nor on the other inputs") {
  for (const EngineKind kind : {EngineKind::native, EngineKind::script}) {
    CAPTURE(kind);
    const auto engine = make({.engine = kind, .threads = 2});
    std::vector<Pair> pairs;
    for (std::uint32_t i = 0; i < 8; ++i) pairs.push_back(random_pair(40, 24, i));
    std::vector<Pixels> alone;
    for (const Pair& pair : pairs) alone.push_back(run_one(*engine, pair));
    for (std::size_t size = 2; size <= 8; ++size) {
      std::vector<NetworkInput> batch;
      for (std::size_t i = 0; i < size; ++i) batch.push_back({&pairs[size - 1 - i].image, &pairs[size - 1 - i].mask});
      const auto answers = engine->run(batch);
      REQUIRE(answers);
      REQUIRE(answers->size() == size);
      // Libraries may sum in another order for another batch size: one level is allowed, pictures swapped are not.
      for (std::size_t i = 0; i < size; ++i) CHECK(largest_difference((*answers)[i], alone[size - 1 - i]) <= 1);
    }
  }
}

TEST_CASE("pixels in the hole do not change the prediction, and pixels around it do") {
  const auto engine = make({.threads = 1});
  const Pair pair = random_pair(48, 48, 2);
  Pair under = pair, around = pair;
  under.image.row(10)[3 * 10] ^= 0xff;
  around.image.row(40)[3 * 40] ^= 0xff;
  const Pixels answer = run_one(*engine, pair);
  CHECK(run_one(*engine, under) == answer);
  CHECK(run_one(*engine, around) != answer);
}

TEST_CASE("every engine predicts a needed part like the same part of a whole prediction, alone and in a batch") {
  for (const EngineKind kind : {EngineKind::native, EngineKind::script, EngineKind::null}) {
    CAPTURE(kind);
    const auto engine = make({.engine = kind, .threads = 2});
    const Pair pair = random_pair(72, 48, 2);
    const Pixels whole = run_one(*engine, pair);
    const NetworkInput parts[]{{&pair.image, &pair.mask, {4, 3, 36, 21}}, {&pair.image, &pair.mask, {71, 47, 1, 1}}};
    const auto answers = engine->run(parts);
    REQUIRE_MESSAGE(answers, answers.error().message);
    for (std::size_t i = 0; i < 2; ++i) {
      const Rect& need = parts[i].need;
      // Libraries may sum in another order for another batch size: one level is allowed, another place is not.
      for (int y = need.y; y < need.bottom(); ++y)
        for (int x = 3 * need.x; x < 3 * need.right(); ++x)
          REQUIRE(std::abs((*answers)[i].row(y)[x] - whole.row(y)[x]) <= 1);
    }
  }
}

TEST_CASE("a mask sample is a hole above 127") {
  const auto engine = make({.threads = 1});
  Pair pair = random_pair(32, 32, 3);
  const Pixels answer = run_one(*engine, pair);
  for (auto& sample : pair.mask.bytes) sample = sample > 0 ? 128 : 127;
  CHECK(run_one(*engine, pair) == answer);
}

TEST_CASE("the CPU engine measures the time of its layers if the options ask for it") {
  const auto quiet = make({.threads = 1, .isa = Isa::portable});
  const auto profiled = make({.threads = 1, .isa = Isa::portable, .profile = true});
  const Pair pair = random_pair(32, 32, 3);
  CHECK(run_one(*quiet, pair) == run_one(*profiled, pair));
  CHECK(quiet->profile().empty());
  const auto costs = profiled->profile();
  REQUIRE(costs.size() > 2);
  CHECK(costs.front().name == "input u8 to float");
  CHECK(costs.back().name == "last 7x7, sigmoid");
  CHECK(costs.back().flops > 0);
  CHECK(costs.back().seconds > 0);
}

TEST_CASE("the null engine takes a pace, and refuses text that is not a time and a model file") {
  CHECK(make_inpainter({.engine = EngineKind::null, .null_pace = "0ms"}));
  CHECK(make_inpainter({.engine = EngineKind::null, .null_pace = "0ms+0ms+0ms/MP"}));
  for (const char* bad : {"20", "ms", "-1ms", "20h", "big-lama.pt"}) {
    const auto engine = make_inpainter({.engine = EngineKind::null, .null_pace = bad});
    REQUIRE(!engine);
    CHECK(engine.error().message.find(bad) != std::string::npos);
  }
  const auto engine = make_inpainter({.engine = EngineKind::null, .file = "20ms"});
  REQUIRE(!engine);
  CHECK(engine.error().message.starts_with("the null engine has no model file, but \"20ms\" is given; "));
}

TEST_CASE("the null engine answers with the image") {
  auto engine = make_inpainter({.engine = EngineKind::null});
  REQUIRE(engine);
  const Pair pair = random_pair(24, 16, 5);
  CHECK(run_one(**engine, pair) == pair.image);
  CHECK((*engine)->model_name() == "null");
}

TEST_CASE("an empty batch has an empty result, and an impossible batch is refused") {
  for (const EngineKind kind : {EngineKind::native, EngineKind::script, EngineKind::null}) {
    const auto engine = make({.engine = kind, .threads = 1});
    CHECK(engine->run({})->empty());
    const Pixels image(20, 16, 3), mask(20, 16, 1);
    const auto answer = engine->run(std::vector{NetworkInput{&image, &mask}});
    REQUIRE_FALSE(answer);
    CHECK(answer.error().kind == EngineFailure::Kind::failed);
    CHECK(answer.error().message.find("multiples of 8") != std::string::npos);
  }
}

TEST_CASE("a prediction with NaN or Inf is a failure with the index of the input") {
  LamaWeights weights = random_lama_weights({4, 1, 8, 24}, 1);
  for (float& value : weights.tensors["1.bn_l.weight"].values) value = 3e38F;
  auto engine = make_aten_lama(weights, "cpu", 1);
  REQUIRE(engine);
  const Pair pair = random_pair(16, 16, 1);
  const auto answer = (*engine)->run(std::vector{NetworkInput{&pair.image, &pair.mask}});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().message == "the prediction of input 0 of the batch holds NaN or Inf");
}

TEST_CASE("options that do not fit together or name nothing are refused with the reason") {
  struct Case {
    EngineOptions options;
    const char* message;
  };
  for (const Case& c : {
           Case{{.engine = EngineKind::reference, .precision = Precision::bf16},
                "the reference engine computes in fp32, not in bf16; "},
           Case{{.precision = Precision::fp16}, "precision \"fp16\" needs a CUDA device; a CPU has fp32 and bf16"},
           Case{{.threads = -1}, "the number of threads is -1; use 0 for all cores, or a larger number"},
           Case{{.device = "cuda:99"}, "device \"cuda:99\" is not available; this build on this machine offers: "},
           Case{{.device = "tpu"}, "device \"tpu\" is not available; this build on this machine offers: "},
           Case{{.file = "/no/such/file"}, "model file /no/such/file: the file cannot be opened"},
           Case{{.engine = EngineKind::script, .file = "/no/such/file"},
                "model file /no/such/file: the file cannot be opened"},
       }) {
    const auto engine = make_inpainter(c.options);
    REQUIRE_FALSE(engine);
    CHECK(engine.error().message.starts_with(c.message));
  }
}

TEST_CASE("the last available device is the CPU") { CHECK(available_devices().back() == "cpu"); }

}  // namespace inpaintd
