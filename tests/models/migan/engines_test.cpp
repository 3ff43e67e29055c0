// SPDX-License-Identifier: Apache-2.0
// Every way to compute MI-GAN: the CPU engine with each instruction set, LibTorch's operations one by one, and the form
// with few passes over memory.
#include "models/fused/inpainter.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "models/cpu/engine.h"
#include "models/cpu/inpainter.h"
#include "models/model_file.h"
#include "models/reference/inpainter.h"
#include "tests/models/fused/engines.h"
#include "tests/models/migan/oracle.h"
#include "tests/models/pairs.h"

namespace inpaintd {
namespace {

using test::largest_difference;
using test::must;
using test::Pair;

/// test::random_pair of a size.
Pair random_pair(Size size, std::uint32_t seed) { return test::random_pair(size.width, size.height, seed); }

/// Channels that fill blocks of 8 and 16 and that do not; sides of pictures are multiples of 8.
const MiganShape small{{5, 12, 16, 20}};

struct Way {
  std::string name;
  std::unique_ptr<Inpainter> engine;
};

std::vector<Way> all_ways(const MiganWeights& weights, int threads) {
  std::vector<Way> ways;
  ways.push_back({"reference", must(make_aten_migan(weights, "cpu", threads))});
  ways.push_back({"fused", must(make_fused_migan(weights, "cpu", Precision::fp32, threads))});
  for (const Isa isa : {Isa::portable, Isa::avx2, Isa::avx512})
    if (is_supported(isa))
      ways.push_back({std::string(name(isa)), must(make_cpu_migan(weights, {.threads = threads, .isa = isa}))});
  return ways;
}

std::vector<Pixels> run(Inpainter& engine, const std::vector<Pair>& pairs, Rect need = {}) {
  std::vector<NetworkInput> batch;
  for (const Pair& pair : pairs) batch.push_back({&pair.image, &pair.mask, need});
  return test::answers(engine, batch);
}

Pixels oracle(const MiganWeights& weights, const Pair& pair) {
  reference::Map image(3, pair.image.height, pair.image.width), mask(1, pair.image.height, pair.image.width);
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x) {
      for (int c = 0; c < 3; ++c) image.at(c, y, x) = pair.image.row(y)[3 * x + c] / 255.0;
      mask.at(0, y, x) = pair.mask.row(y)[x] > 127 ? 1 : 0;
    }
  const reference::Map prediction = reference::predict(weights, image, mask);
  Pixels answer(pair.image.width, pair.image.height, 3);
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x)
      for (int c = 0; c < 3; ++c)
        answer.row(y)[3 * x + c] = static_cast<std::uint8_t>(std::clamp(prediction.at(c, y, x), 0.0, 1.0) * 255);
  return answer;
}

bool equal_inside(const Pixels& a, const Pixels& b, const Rect& part) {
  for (int y = part.y; y < part.bottom(); ++y)
    if (!std::equal(a.row(y) + 3 * part.x, a.row(y) + 3 * part.right(), b.row(y) + 3 * part.x)) return false;
  return true;
}

}  // namespace

TEST_CASE("every way to compute MI-GAN agrees with the definition in float64 within one level") {
  const MiganWeights weights = random_migan_weights(small, 1);
  for (const Way& way : all_ways(weights, 2))
    for (const Size size : {Size{16, 16}, Size{32, 32}, Size{104, 24}, Size{24, 200}}) {
      CAPTURE(way.name);
      CAPTURE(size.width);
      const Pair pair = random_pair(size, 3);
      const Pixels exact = oracle(weights, pair);
      CHECK(largest_difference(run(*way.engine, {pair})[0], exact) <= 1);
      // A prediction of one colour would agree with anything that forgets the picture.
      CHECK(*std::max_element(exact.bytes.begin(), exact.bytes.end()) >
            *std::min_element(exact.bytes.begin(), exact.bytes.end()) + 50);
    }
}

TEST_CASE("a layer without noise adds none") {
  MiganWeights weights = random_migan_weights(small, 2);
  std::erase_if(weights.tensors, [](const auto& each) { return each.first == "synthesis.b32.conv1.noise"; });
  const Pair pair = random_pair({64, 32}, 3);
  const Pixels exact = oracle(weights, pair);
  for (const Way& way : all_ways(weights, 1)) {
    CAPTURE(way.name);
    CHECK(largest_difference(run(*way.engine, {pair})[0], exact) <= 1);
  }
}

TEST_CASE("a prediction of the CPU engine depends neither on the batch, nor on the threads, nor on the needed part") {
  const MiganWeights weights = random_migan_weights({{8, 16, 40, 24, 16}}, 5);
  const Size size{208, 96};
  std::vector<Pair> pairs;
  for (std::uint32_t i = 0; i < 5; ++i) pairs.push_back(random_pair(size, i));
  for (const Isa isa : {Isa::portable, Isa::avx2, Isa::avx512}) {
    if (!is_supported(isa)) continue;
    CAPTURE(name(isa));
    const auto one = must(make_cpu_migan(weights, {.threads = 1, .isa = isa}));
    const auto three = must(make_cpu_migan(weights, {.threads = 3, .isa = isa}));
    std::vector<Pixels> alone;
    for (const Pair& pair : pairs) alone.push_back(run(*one, {pair})[0]);
    CHECK((run(*three, pairs) == alone));
    for (const Rect need : {Rect{0, 0, 1, 1}, Rect{207, 95, 1, 1}, Rect{33, 17, 50, 31}, Rect{0, 95, 208, 1}}) {
      CAPTURE(need.x);
      const auto parts = run(*three, pairs, need);
      for (std::size_t i = 0; i < pairs.size(); ++i) CHECK(equal_inside(parts[i], alone[i], need));
    }
  }
}

TEST_CASE("narrow and tall needed parts have the samples of the whole prediction, for levels of every width") {
  // Few channels make tall tiles, and the levels differ in which of their layers has the largest tile.
  for (const MiganShape& shape : {MiganShape{{16, 16}}, MiganShape{{16, 64, 16}}, MiganShape{{8, 256, 32, 16}}}) {
    const MiganWeights weights = random_migan_weights(shape, 11);
    const std::vector<Pair> pairs{random_pair({128, 640}, 1), random_pair({128, 640}, 2)};
    const auto engine = must(make_cpu_migan(weights, {.threads = 4}));
    const auto whole = run(*must(make_cpu_migan(weights, {.threads = 1})), pairs);
    for (const Rect need : {Rect{60, 0, 2, 640}, Rect{0, 3, 1, 630}, Rect{120, 0, 8, 640}, Rect{0, 0, 128, 640}}) {
      CAPTURE(need.x);
      const auto parts = run(*engine, pairs, need);
      for (std::size_t i = 0; i < pairs.size(); ++i) CHECK(equal_inside(parts[i], whole[i], need));
    }
  }
}

TEST_CASE("a batch of MI-GAN may need another part of each picture") {
  const MiganWeights weights = random_migan_weights(small, 7);
  const auto engine = must(make_cpu_migan(weights, {.threads = 2}));
  const std::vector<Pair> pairs{random_pair({64, 64}, 1), random_pair({64, 64}, 2)};
  const auto whole = run(*engine, pairs);
  const Rect left{0, 0, 9, 9}, right{50, 41, 14, 23};
  const auto answers = engine->run(
      std::vector<NetworkInput>{{&pairs[0].image, &pairs[0].mask, left}, {&pairs[1].image, &pairs[1].mask, right}});
  REQUIRE(answers);
  CHECK(equal_inside((*answers)[0], whole[0], left));
  CHECK(equal_inside((*answers)[1], whole[1], right));
}

TEST_CASE("a size that MI-GAN's levels do not divide is refused with the multiple that is needed") {
  const MiganWeights weights = random_migan_weights({{8, 8, 8, 8, 8, 8}}, 1);
  const Pair pair = random_pair({40, 64}, 1);
  for (const Way& way : all_ways(weights, 1)) {
    CAPTURE(way.name);
    const auto answers = way.engine->run(std::vector<NetworkInput>{{&pair.image, &pair.mask, {}}});
    REQUIRE_FALSE(answers);
    CHECK(answers.error().message.find("multiples of 32") != std::string::npos);
  }
}

TEST_CASE("weights that make NaN are told as such, with the picture's index") {
  MiganWeights weights = random_migan_weights(small, 1);
  for (float& value : weights.tensors.at("synthesis.b32.conv2.conv2.weight").values) value *= 1e38F;
  for (float& value : weights.tensors.at("synthesis.b16.conv2.conv2.weight").values) value *= 1e38F;
  const Pair pair = random_pair({32, 32}, 1);
  const auto engine = must(make_cpu_migan(weights, {.threads = 1}));
  const auto answers = engine->run(std::vector<NetworkInput>{{&pair.image, &pair.mask, {}}});
  REQUIRE_FALSE(answers);
  CHECK(answers.error().kind == EngineFailure::Kind::not_finite);
}

TEST_CASE("a picture whose values exceed 16 bits is computed once more by MI-GAN in fp32, and counted") {
  MiganWeights weights = random_migan_weights(small, 9);
  // The first channel before the colours is 0 everywhere. Its weight is finite in fp32, and rounds to infinity in bf16.
  const std::string last = "synthesis.b" + std::to_string(small.side(0));
  auto& mix = weights.tensors.at(last + ".conv2.conv2.weight");
  std::fill_n(mix.values.begin(), mix.shape[1], 0.0F);
  std::erase_if(weights.tensors, [&](const auto& each) { return each.first == last + ".conv2.noise"; });
  weights.tensors.at(last + ".torgb.weight").values[0] = 3.3999e38F;
  const std::vector<Pair> pairs{random_pair({32, 32}, 1), random_pair({32, 32}, 2)};
  const auto fast = must(make_fused_migan(weights, "cpu", Precision::bf16, 1));
  const auto exact = must(make_fused_migan(weights, "cpu", Precision::fp32, 1));
  const auto expected = run(*exact, pairs);
  CHECK((run(*fast, pairs) == expected));
  CHECK(fast->retries() == 2);
  CHECK(exact->retries() == 0);

  weights.tensors.at(last + ".torgb.weight").values[0] = std::numeric_limits<float>::infinity();
  const auto never = must(make_fused_migan(weights, "cpu", Precision::bf16, 1));
  const auto answers = never->run(std::vector<NetworkInput>{{&pairs[0].image, &pairs[0].mask, {}}});
  REQUIRE_FALSE(answers);
  CHECK(answers.error().kind == EngineFailure::Kind::not_finite);
}

TEST_CASE("MI-GAN runs by the fastest way that agrees with the reference, and describes itself") {
  const MiganWeights weights = random_migan_weights({{8, 16, 16, 16}}, 1);
  std::string warnings;
  const auto engine =
      must(make_inpainter({.threads = 1}, weights, [&](const std::string& text) { warnings += text + "\n"; }));
  CHECK(warnings == "");
  CHECK(engine->describe().find("MI-GAN 32, 4 levels of 8 to 16 channels") != std::string::npos);
  CHECK(engine->way() != "reference");
  CHECK(engine->precision() == "fp32");
  const auto script = make_inpainter({.engine = EngineKind::script}, weights);
  REQUIRE_FALSE(script);
  CHECK(script.error().message.find("use the native engine") != std::string::npos);
}

}  // namespace inpaintd
