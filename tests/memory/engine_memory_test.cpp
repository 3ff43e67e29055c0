// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <vector>

#include "models/cpu/inpainter.h"
#include "tests/memory/failing_allocation.h"

namespace inpaintd {
namespace {

using test::for_every_allocation;
using Kind = EngineFailure::Kind;
using Answers = Result<std::vector<Pixels>, EngineFailure>;

/// A picture of bands, with a hole in its middle.
struct Sample {
  Pixels image, mask;
  explicit Sample(Size size) : image(size.width, size.height, 3), mask(size.width, size.height, 1) {
    for (std::size_t i = 0; i < image.bytes.size(); ++i) image.bytes[i] = static_cast<std::uint8_t>(i * 7 % 251);
    for (int y = size.height / 4; y < size.height / 2; ++y)
      std::fill(mask.row(y) + size.width / 4, mask.row(y) + size.width / 2, std::uint8_t{255});
  }
  [[nodiscard]] std::vector<NetworkInput> batch(std::size_t count) const {
    return std::vector<NetworkInput>(count, {&image, &mask});
  }
};

const LamaWeights& weights() {
  static const LamaWeights weights = random_lama_weights({4, 1, 8, 24}, 3);
  return weights;
}

const MiganWeights& migan() {
  static const MiganWeights weights = random_migan_weights({{4, 8, 12, 8}}, 3);
  return weights;
}

std::unique_ptr<Inpainter> make_engine() {
  auto engine = make_cpu_lama(weights(), {.threads = 2});
  REQUIRE(engine);
  return std::move(*engine);
}

std::vector<Pixels> expected(Inpainter& engine, const std::vector<NetworkInput>& batch) {
  Answers answers = engine.run(batch);
  REQUIRE(answers);
  return std::move(*answers);
}

TEST_CASE("whichever allocation of a run fails, the run ends as out of memory, and later runs are right") {
  const Sample small({64, 48}), large({96, 128});
  const auto engine = make_engine();
  // After a failure the arena has an earlier size, the new size or no memory; the next run must not rely on any of
  // these.
  for (const auto& [failing, next] : {std::pair{&large, &small}, {&small, &small}, {&large, &large}}) {
    const auto batch = failing->batch(2), after = next->batch(1), before = small.batch(1);
    const auto right = expected(*make_engine(), batch), right_after = expected(*make_engine(), after);
    const int calls = for_every_allocation([&] { return engine->run(batch); },
                                           [&](const Answers& answers, bool failed) {
                                             CHECK(answers.operator bool() == !failed);
                                             if (!answers) CHECK(answers.error().kind == Kind::out_of_memory);
                                             if (!answers) CHECK(answers.error().message == "out of memory");
                                             if (answers) CHECK(*answers == right);
                                             CHECK(expected(*engine, after) == right_after);
                                             CHECK(expected(*engine, batch) == right);
                                             engine->release_memory();  // so that the next run allocates an arena
                                             expected(*engine, before);
                                           });
    CHECK(calls > 20);
  }
}

TEST_CASE("an engine that released its memory allocates it again in the next run") {
  const Sample sample({64, 48});
  const auto engine = make_engine();
  const auto right = expected(*engine, sample.batch(2));
  engine->release_memory();
  engine->release_memory();
  CHECK(expected(*engine, sample.batch(2)) == right);
}

TEST_CASE("whichever allocation fails while an engine is made, the failure is reported, and its threads have ended") {
  (void)weights();
  int made = 0;
  for_every_allocation([] { return make_cpu_lama(weights(), {.threads = 3}); },
                       [&](const Result<std::unique_ptr<Inpainter>, EngineFailure>& engine, bool failed) {
                         CHECK(engine.operator bool() == !failed);
                         if (!engine) CHECK_FALSE(engine.error().message.empty());
                         made += engine ? 1 : 0;
                       });
  CHECK(made == 2);
}

TEST_CASE("whichever allocation of MI-GAN's engine fails, in the making or in a run, later runs are right") {
  (void)migan();
  const auto make = [] { return make_cpu_migan(migan(), {.threads = 2}); };
  int made = 0;
  for_every_allocation(make, [&](const Result<std::unique_ptr<Inpainter>, EngineFailure>& engine, bool failed) {
    CHECK(engine.operator bool() == !failed);
    made += engine ? 1 : 0;
  });
  CHECK(made > 0);
  const Sample small({64, 48}), large({96, 128});
  auto made_engine = make();
  REQUIRE(made_engine);
  const auto engine = *std::move(made_engine);
  const auto batch = large.batch(2), other = small.batch(1);
  const auto right = expected(**make(), batch), right_other = expected(**make(), other);
  for_every_allocation([&] { return engine->run(batch); },
                       [&](const Answers& answers, bool failed) {
                         CHECK(answers.operator bool() == !failed);
                         if (!answers) CHECK(answers.error().kind == Kind::out_of_memory);
                         if (answers) CHECK(*answers == right);
                         CHECK(expected(*engine, other) == right_other);
                         engine->release_memory();  // so that the next run allocates an arena
                       });
}

}  // namespace
}  // namespace inpaintd
