// SPDX-License-Identifier: Apache-2.0
#include "models/self_check.h"

#include <doctest/doctest.h>

#include <cmath>

#include "models/lama_weights.h"
#include "models/sample_pictures.h"

namespace inpaintd {
namespace {

/// Answers with the image, every sample moved by `offset` levels.
class Offset final : public Inpainter {
 public:
  explicit Offset(int offset) : offset_(offset) {}
  Result<std::vector<Pixels>, EngineFailure> run(std::span<const NetworkInput> batch) override {
    std::vector<Pixels> answers;
    for (const NetworkInput& input : batch) {
      answers.push_back(*input.image);
      for (auto& byte : answers.back().bytes)
        byte = static_cast<std::uint8_t>(byte + offset_ > 255 ? byte - offset_ : byte + offset_);
    }
    return answers;
  }
  [[nodiscard]] std::string describe() const override { return "offset"; }
  [[nodiscard]] std::string model_name() const override { return "offset"; }
  [[nodiscard]] std::string device_name() const override { return "cpu"; }

 private:
  int offset_;
};

}  // namespace

TEST_CASE("PSNR and level differences count the holes' samples alone") {
  Pixels image(10, 10, 3, 100), mask(10, 10, 1, 0), answer = image, exact = image;
  mask.bytes[7] = 128;
  mask.bytes[8] = 127;        // no hole
  answer.bytes[8 * 3] = 200;  // outside: does not count
  for (int c = 0; c < 3; ++c) answer.bytes[7 * 3 + c] = 110;
  const NetworkInput input{&image, &mask};
  const Accuracy a = compare({&input, 1}, {&answer, 1}, {&exact, 1}, accuracy_gate("fp32"));
  CHECK(a.psnr == doctest::Approx(10 * std::log10(255.0 * 255.0 / 100.0)));
  CHECK(a.largest_difference == 10);
  CHECK(a.quantile_difference == 10);
}

TEST_CASE("a quantile forgives the share that it leaves out, and no more") {
  Pixels image(100, 1, 3, 100), mask(100, 1, 1, 255), exact = image, answer = image;
  const NetworkInput input{&image, &mask};
  const AccuracyGate gate{0, 0.99, 4};
  for (int i = 0; i < 3; ++i) answer.bytes[i] = 150;  // 3 of 300
  CHECK(compare({&input, 1}, {&answer, 1}, {&exact, 1}, gate).quantile_difference == 0);
  answer.bytes[3] = 150;
  CHECK(compare({&input, 1}, {&answer, 1}, {&exact, 1}, gate).quantile_difference == 50);
}

TEST_CASE("equal answers have no end of PSNR and pass every gate") {
  Pixels image(8, 8, 3, 1), mask(8, 8, 1, 255);
  const NetworkInput input{&image, &mask};
  const Accuracy a = compare({&input, 1}, {&image, 1}, {&image, 1}, accuracy_gate("fp32"));
  CHECK(std::isinf(a.psnr));
  CHECK(a.passes(accuracy_gate("fp32")));
}

TEST_CASE("the self-check passes what is within the gate and says what is not") {
  Offset exact(0), close(1), far(9);
  CHECK(self_check(exact, exact, accuracy_gate("fp32"), {64, 48}));
  CHECK(self_check(close, exact, accuracy_gate("bf16"), {64, 48}));
  const Status failed = self_check(far, exact, accuracy_gate("bf16"), {64, 48});
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message.find("29 dB and up to 9 levels") != std::string::npos);
}

TEST_CASE("with precision auto a way that fails its self-check is passed over, with a word") {
  LamaWeights weights = random_lama_weights({4, 1, 8, 24}, 1);
  for (float& value : weights.tensors["1.bn_l.weight"].values) value = 3e38F;  // no engine answers with numbers
  std::vector<std::string> warnings;
  const EngineOptions options{.threads = 1, .warn = [&](const std::string& text) { warnings.push_back(text); }};
  const auto engine = make_inpainter(options, weights);
  REQUIRE(engine);
  for (const std::string& text : warnings) CHECK(text.find("is not used: ") != std::string::npos);
  CHECK((*engine)->describe().find("LibTorch") != std::string::npos);  // the reference is what is left
}

}  // namespace inpaintd
