// SPDX-License-Identifier: Apache-2.0
#include "tools/lama_bench/accuracy.h"

#include <doctest/doctest.h>

#include <cmath>

namespace inpaintd::tools {
namespace {

/// `count` samples that differ by `levels` among 3000, all inside the mask.
LevelDifferences differences(int count, int levels) {
  Pixels exact(100, 10, 3, 100), answer = exact;
  for (int i = 0; i < count; ++i) answer.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(100 + levels);
  LevelDifferences result;
  result.add(answer, exact, Pixels(100, 10, 1, 255));
  return result;
}

/// Answers with the image. Every sample is wrong by `error` levels, and by `place` more in pictures after the first.
class Fake final : public Inpainter {
 public:
  Fake(int error, int place, std::string precision) : error_(error), place_(place), precision_(std::move(precision)) {}

  Result<std::vector<Pixels>, EngineFailure> run(std::span<const NetworkInput> batch) override {
    std::vector<Pixels> answers;
    for (const NetworkInput& input : batch) {
      const int off = error_ + (answers.empty() ? 0 : place_);
      for (auto& sample : answers.emplace_back(*input.image).bytes) sample = static_cast<std::uint8_t>(sample ^ off);
    }
    return answers;
  }
  [[nodiscard]] std::string describe() const override { return "fake"; }
  [[nodiscard]] std::string precision() const override { return precision_; }
  [[nodiscard]] std::string model_name() const override { return "fake"; }
  [[nodiscard]] std::string device_name() const override { return "cpu"; }

 private:
  int error_;
  int place_;
  std::string precision_;
};

std::string verdict(std::shared_ptr<Inpainter> engine) {
  Fake oracle(0, 0, "fp32");
  BenchOptions options;
  options.sizes = {{32, 24}};
  options.batches = {3};
  const std::string refusal = engine ? "" : "no such device";
  const std::vector<Contender> contenders{
      {EngineKind::native, Precision::automatic, Isa::automatic, std::move(engine), refusal}};
  std::string failure = "nothing was reported";
  measure_accuracy(options, contenders, oracle, [&](const Accuracy& accuracy) { failure = accuracy.failure; });
  return failure;
}

}  // namespace

TEST_CASE("only samples inside the mask count") {
  const Pixels exact(2, 1, 3, 100);
  Pixels answer = exact, mask(2, 1, 1, 255);
  answer.bytes = {100, 103, 100, 200, 200, 200};
  mask.bytes = {255, 127};
  LevelDifferences differences;
  differences.add(answer, exact, mask);
  CHECK(differences.max() == 3);
  CHECK(differences.psnr() == doctest::Approx(10 * std::log10(255.0 * 255 * 3 / 9)));
}

TEST_CASE("a percentile is the smallest number of levels that its share of the samples does not exceed") {
  CHECK(differences(3, 7).percentile(0.999) == 0);  // 3 of 3000 are a thousandth
  CHECK(differences(4, 7).percentile(0.999) == 7);
  CHECK(differences(30, 7).percentile(0.99) == 0);
  CHECK(differences(31, 7).percentile(0.99) == 7);
  CHECK(differences(1, 7).max() == 7);
  CHECK(differences(0, 7).max() == 0);
  CHECK(std::isinf(differences(0, 7).psnr()));
}

TEST_CASE("the gate of each precision passes up to its limits and not beyond") {
  CHECK(gate_of(Precision::fp32).holds(differences(10, 1)));
  CHECK_FALSE(gate_of(Precision::fp32).holds(differences(1, 2)));     // one sample, two levels
  CHECK_FALSE(gate_of(Precision::fp32).holds(differences(3000, 1)));  // one level everywhere is 48 dB
  CHECK(gate_of(Precision::fp16).holds(differences(180, 4)));
  CHECK_FALSE(gate_of(Precision::fp16).holds(differences(4, 5)));
  CHECK_FALSE(gate_of(Precision::fp16).holds(differences(3000, 2)));  // 42 dB
  CHECK(gate_of(Precision::bf16).holds(differences(3000, 2)));
  CHECK_FALSE(gate_of(Precision::bf16).holds(differences(31, 5)));
  CHECK(gate_of(Precision::fp32).text() == "PSNR >= 70 dB, max <= 1 level");
  CHECK(gate_of(Precision::fp16).text() == "PSNR >= 48 dB, p99.9 <= 4 levels");
  CHECK(gate_of(Precision::bf16).text() == "PSNR >= 40 dB, p99 <= 4 levels");
}

TEST_CASE("an engine passes the gate of its own precision") {
  CHECK(verdict(std::make_shared<Fake>(0, 0, "fp32")) == "");
  CHECK(verdict(std::make_shared<Fake>(1, 0, "fp16")) == "");
  CHECK(verdict(std::make_shared<Fake>(1, 0, "fp32")) == "misses PSNR >= 70 dB, max <= 1 level");
  CHECK(verdict(std::make_shared<Fake>(8, 0, "bf16")) == "misses PSNR >= 40 dB, p99 <= 4 levels");
  CHECK(verdict(std::make_shared<Fake>(0, 0, "none")) == "no gate for the precision none");
}

TEST_CASE("answers that depend on the position in the batch do not pass") {
  CHECK(verdict(std::make_shared<Fake>(0, 2, "bf16")) == "the answer depends on the position in the batch");
  CHECK(verdict(std::make_shared<Fake>(0, 1, "bf16")) == "");
}

TEST_CASE("a contender whose engine could not be made does not pass") { CHECK(verdict(nullptr) == "no such device"); }

}  // namespace inpaintd::tools
