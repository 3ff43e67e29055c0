// SPDX-License-Identifier: Apache-2.0
#include "models/self_check.h"

#include <array>
#include <cmath>
#include <cstdlib>

#include "models/sample_pictures.h"

namespace inpaintd {
namespace {

Error missed(const std::string& what) { return {ErrorCode::internal, what}; }

}  // namespace

AccuracyGate accuracy_gate(const std::string& precision) {
  if (precision == "fp16") return {48, 0.999, 4};
  if (precision == "bf16") return {40, 0.99, 4};
  return {70, 1, 1};
}

Accuracy compare(std::span<const NetworkInput> inputs, std::span<const Pixels> answers, std::span<const Pixels> exact,
                 const AccuracyGate& gate) {
  std::array<std::size_t, 256> count{};  // samples by difference
  for (std::size_t i = 0; i < inputs.size(); ++i)
    for (std::size_t at = 0; at < answers[i].bytes.size(); ++at)
      if (inputs[i].mask->bytes[at / 3] > 127)
        ++count[static_cast<std::size_t>(std::abs(answers[i].bytes[at] - exact[i].bytes[at]))];

  std::size_t samples = 0, squares = 0;
  for (std::size_t d = 0; d < count.size(); ++d) {
    samples += count[d];
    squares += count[d] * d * d;
  }
  Accuracy result;
  result.psnr = 10 * std::log10(255.0 * 255.0 * static_cast<double>(samples) / static_cast<double>(squares));
  std::size_t seen = 0;
  for (std::size_t d = 0; d < count.size(); ++d) {
    if (static_cast<double>(seen) < gate.quantile * static_cast<double>(samples))
      result.quantile_difference = static_cast<int>(d);
    seen += count[d];
    if (count[d] > 0) result.largest_difference = static_cast<int>(d);
  }
  return result;
}

Status self_check(Inpainter& engine, Inpainter& reference, const AccuracyGate& gate, Size size) {
  const SamplePictures pictures(size);
  const auto inputs = pictures.batch();
  const auto answers = engine.run(inputs);
  if (!answers) return missed(answers.error().message);
  const auto exact = reference.run(inputs);
  if (!exact) return missed("the reference failed: " + exact.error().message);
  const Accuracy accuracy = compare(inputs, *answers, *exact, gate);
  if (accuracy.passes(gate)) return Ok{};
  return missed("its answers to sample pictures are " + std::to_string(std::lround(accuracy.psnr)) + " dB and up to " +
                std::to_string(accuracy.largest_difference) + " levels from fp32's");
}

}  // namespace inpaintd
