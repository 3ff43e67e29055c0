// SPDX-License-Identifier: Apache-2.0
#include "models/check/self_check.h"

#include <doctest/doctest.h>

#include "models/cpu/engine.h"
#include "models/lama/weights.h"
#include "models/model_file.h"

namespace inpaintd {
namespace {

/// Returns the image with `offset` levels added to every sample.
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

TEST_CASE("the self-check passes an engine within the gate, and reports the difference of another one") {
  Offset exact(0), close(1), far(9);
  CHECK(self_check(exact, exact, gate_of(Precision::fp32), {64, 48}));
  CHECK(self_check(close, exact, gate_of(Precision::bf16), {64, 48}));
  const Status failed = self_check(far, exact, gate_of(Precision::bf16), {64, 48});
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message.find("29 dB and up to 9 levels") != std::string::npos);
}

TEST_CASE("the embedded default runs on the fastest engine of this CPU, without a warning") {
  std::vector<std::string> warnings;
  const auto engine = make_inpainter({.threads = 1}, [&](const std::string& text) { warnings.push_back(text); });
  REQUIRE(engine);
  for (const std::string& text : warnings) FAIL_CHECK(text);
  const bool has_own = is_supported(Isa::avx512) || is_supported(Isa::avx2);
  CHECK(((*engine)->describe().find("LibTorch") == std::string::npos) == has_own);
}

TEST_CASE("with precision auto a way that fails its self-check is not used, and a warning says so") {
  LamaWeights weights = random_lama_weights({4, 1, 8, 24}, 1);
  for (float& value : weights.tensors["1.bn_l.weight"].values) value = 3e38F;  // every prediction is NaN
  std::vector<std::string> warnings;
  const auto engine =
      make_inpainter({.threads = 1}, weights, [&](const std::string& text) { warnings.push_back(text); });
  REQUIRE(engine);
  for (const std::string& text : warnings) CHECK(text.find("is not used: ") != std::string::npos);
  CHECK((*engine)->describe().find("LibTorch") != std::string::npos);  // only the reference is left
}

}  // namespace inpaintd
