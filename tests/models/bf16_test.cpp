// SPDX-License-Identifier: Apache-2.0
// What the fused network loses in bf16. LibTorch's bf16 differs from CPU to CPU: it sums in another order, and it
// rounds once or several times between two maps. The bound is therefore no number that one machine showed, but what the
// same network loses in fp32 when every map that it stores is rounded to bf16, which depends on no instruction set.
#include <ATen/ATen.h>
#include <ATen/record_function.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string_view>

#include "models/accuracy.h"
#include "models/lama.h"
#include "models/lama_fused.h"
#include "models/sample_pictures.h"

namespace inpaintd {
namespace {

/// While it lives, LibTorch's results on this thread are rounded to bf16 after each operation with which the fused
/// network stores a map or a constant. The sigmoid and its bytes stay in fp32, as they do in a run in bf16.
class RoundingToBf16 {
 public:
  RoundingToBf16()
      : handle_(at::addThreadLocalCallback(
            at::RecordFunctionCallback(nullptr, &round).needsOutputs(true).scopes({at::RecordScope::FUNCTION}))) {}
  ~RoundingToBf16() { at::removeCallback(handle_); }
  RoundingToBf16(const RoundingToBf16&) = delete;
  RoundingToBf16& operator=(const RoundingToBf16&) = delete;

 private:
  static void round(const at::RecordFunction& operation, at::ObserverContext*) {
    constexpr std::string_view stores[] = {"aten::to",   "aten::cat",     "aten::conv2d", "aten::conv_transpose2d",
                                           "aten::relu", "aten::relu_",   "aten::addmm",  "aten::_addmm_activation",
                                           "aten::bmm",  "aten::baddbmm", "aten::add",    "aten::add_"};
    if (std::find(std::begin(stores), std::end(stores), operation.name()) == std::end(stores)) return;
    const at::DisableRecordFunctionGuard not_again;
    for (const c10::IValue& output : operation.outputs())
      if (output.isTensor() && output.toTensor().scalar_type() == at::kFloat)
        output.toTensor().copy_(output.toTensor().to(at::kBFloat16));
  }

  at::CallbackHandle handle_;
};

std::unique_ptr<Inpainter> must(Result<std::unique_ptr<Inpainter>, EngineFailure> made) {
  REQUIRE_MESSAGE(made, made.error().message);
  return *std::move(made);
}

std::vector<Pixels> answers(Inpainter& engine, const SamplePictures& pictures) {
  auto run = engine.run(pictures.batch());
  REQUIRE_MESSAGE(run, run.error().message);
  return *std::move(run);
}

std::vector<Pixels> rounded_answers(const LamaWeights& weights, const SamplePictures& pictures) {
  const RoundingToBf16 rounding;
  return answers(*must(make_fused_lama(weights, "cpu", "fp32", 1)), pictures);
}

}  // namespace

TEST_CASE("in bf16 the fused network loses what rounding its maps to eight bits costs, no more and no less") {
  const auto weights = load_lama_weights("");  // random weights amplify rounding as no trained ones do
  REQUIRE(weights);
  const SamplePictures pictures({96, 64});
  const auto exact = answers(*must(make_aten_lama(*weights, "cpu", 1)), pictures);
  const auto loss = [&](const std::vector<Pixels>& found) {
    LevelDifferences all;
    const auto inputs = pictures.batch();
    for (std::size_t i = 0; i < inputs.size(); ++i) all.add(found[i], exact[i], *inputs[i].mask);
    return all;
  };
  // The measure below is taken with the fused network in fp32: if that one is wrong, it measures nothing.
  REQUIRE(gate_of("fp32")->holds(loss(answers(*must(make_fused_lama(*weights, "cpu", "fp32", 1)), pictures))));

  const auto fast = must(make_fused_lama(*weights, "cpu", "bf16", 1));
  const double found = loss(answers(*fast, pictures)).psnr(),
               rounded = loss(rounded_answers(*weights, pictures)).psnr();
  CAPTURE(found);
  CAPTURE(rounded);
  // Errors of rounding are independent of each other, so that their squares add up. Where the measure rounds once a
  // library may round up to four times (a product, its sum with another, a bias, a residual): twice the error, 6 dB.
  // Half of the error or less would take sums that are not stored in bf16 at all.
  const double twice = 20 * std::log10(2);
  CHECK(found >= rounded - twice);
  CHECK(found <= rounded + twice);
  CHECK(fast->describe().find("bf16") != std::string::npos);
}

}  // namespace inpaintd
