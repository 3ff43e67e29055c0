// SPDX-License-Identifier: Apache-2.0
// The accuracy of the fused network in bf16. The bf16 operations of LibTorch differ between CPUs: with bf16
// instructions the partial sums of a matrix product are kept in fp32, and otherwise in bf16. So the bounds are not
// measured on one machine: they are the errors of the same network in fp32 when its maps are rounded to bf16 in either
// of the two ways, which do not depend on the instruction set.
#include <ATen/ATen.h>
#include <ATen/record_function.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string_view>

#include "models/check/accuracy.h"
#include "models/check/sample_pictures.h"
#include "models/fused/inpainter.h"
#include "models/reference/inpainter.h"
#include "tests/models/fused/engines.h"

namespace inpaintd {
namespace {

using test::answers;
using test::must;

/// RAII: rounds the results of LibTorch on this thread to bf16 after each operation with which the fused network stores
/// a map or a constant. The sigmoid and its bytes stay in fp32, as in a run in bf16.
///
/// With `partial_sums` a matrix product errs as if each of its k partial sums had been rounded as well. Their variances
/// grow evenly up to that of the whole sum, and rounding errors are independent of each other, so the squares of the
/// errors add up to k / 2 times that of rounding the result once.
template <bool partial_sums>
class RoundingToBf16 {
 public:
  RoundingToBf16()
      : handle_(at::addThreadLocalCallback(at::RecordFunctionCallback(&measure, &round)
                                               .needsInputs(true)
                                               .needsOutputs(true)
                                               .scopes({at::RecordScope::FUNCTION}))) {}
  ~RoundingToBf16() { at::removeCallback(handle_); }
  RoundingToBf16(const RoundingToBf16&) = delete;
  RoundingToBf16& operator=(const RoundingToBf16&) = delete;

 private:
  /// The factor between the error of the result and that of one rounding; computed before the operation, while its
  /// inputs exist.
  struct Errors : at::ObserverContext {
    double factor = 1;
  };

  static std::unique_ptr<at::ObserverContext> measure(const at::RecordFunction& operation) {
    auto errors = std::make_unique<Errors>();
    const std::string_view name = operation.name();
    if (partial_sums && name.starts_with("aten::") && name.ends_with("mm")) {
      const std::size_t left = name == "aten::bmm" ? 0 : 1;  // the other two add their product to something
      errors->factor = std::sqrt(static_cast<double>(operation.inputs()[left].toTensor().size(-1)) / 2);
    }
    return errors;
  }

  static void round(const at::RecordFunction& operation, at::ObserverContext* measured) {
    constexpr std::string_view stores[] = {
        "aten::to",  "aten::cat",     "aten::conv2d", "aten::conv_transpose2d",  "aten::relu", "aten::relu_",
        "aten::bmm", "aten::baddbmm", "aten::addmm",  "aten::_addmm_activation", "aten::add",  "aten::add_"};
    if (std::find(std::begin(stores), std::end(stores), std::string_view(operation.name())) == std::end(stores)) return;
    const at::DisableRecordFunctionGuard not_again;
    const double factor = static_cast<const Errors*>(measured)->factor;
    for (const c10::IValue& output : operation.outputs()) {
      if (!output.isTensor() || output.toTensor().scalar_type() != at::kFloat) continue;
      const at::Tensor exact = output.toTensor();
      exact.copy_((exact + (exact.to(at::kBFloat16) - exact) * factor).to(at::kBFloat16));
    }
  }

  at::CallbackHandle handle_;
};

template <bool partial_sums>
std::vector<Pixels> rounded_answers(const LamaWeights& weights, const SamplePictures& pictures) {
  const RoundingToBf16<partial_sums> rounding;
  return answers(*must(make_fused_lama(weights, "cpu", Precision::fp32, 1)), pictures);
}

}  // namespace

TEST_CASE("in bf16 the error of the fused network is that of rounding to eight bits, no more and no less") {
  const auto weights = load_lama_weights("");  // random weights amplify rounding errors more than trained ones
  REQUIRE(weights);
  const SamplePictures pictures({96, 64});
  const auto exact = answers(*must(make_aten_lama(*weights, "cpu", 1)), pictures);
  const auto differences = [&](const std::vector<Pixels>& found) {
    LevelDifferences all;
    const auto inputs = pictures.batch();
    for (std::size_t i = 0; i < inputs.size(); ++i) all.add(found[i], exact[i], *inputs[i].mask);
    return all;
  };
  // The bounds below are taken from the fused network in fp32: if that one is wrong they bound nothing.
  REQUIRE(gate_of(Precision::fp32)
              .holds(differences(answers(*must(make_fused_lama(*weights, "cpu", Precision::fp32, 1)), pictures))));

  const double least_loss = differences(rounded_answers<false>(*weights, pictures)).psnr();
  const double largest_loss = differences(rounded_answers<true>(*weights, pictures)).psnr();
  const auto fast = must(make_fused_lama(*weights, "cpu", Precision::bf16, 1));
  const double found = differences(answers(*fast, pictures)).psnr();
  CAPTURE(least_loss);
  CAPTURE(largest_loss);
  CAPTURE(found);
  // A library may round a sum twice, without and with its bias, where this class rounds once, or the other way round,
  // so the squares of the errors may be doubled or halved.
  const double twice = 10 * std::log10(2);
  CHECK(found >= largest_loss - twice);
  CHECK(found <= least_loss + twice);
  CHECK(fast->describe().find("bf16") != std::string::npos);
}

}  // namespace inpaintd
