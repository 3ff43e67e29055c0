// SPDX-License-Identifier: Apache-2.0
#include "models/check/self_check.h"

#include <fmt/format.h>

#include <cmath>
#include <string>

#include "models/check/sample_pictures.h"

namespace inpaintd {
namespace {

Error failure(const std::string& what) { return {ErrorCode::internal, what}; }

}  // namespace

Status self_check(Inpainter& engine, Inpainter& reference, const AccuracyGate& gate, Size size) {
  const SamplePictures pictures(size);
  const auto inputs = pictures.batch();
  const auto answers = engine.run(inputs);
  if (!answers) return failure(answers.error().message);
  const auto exact = reference.run(inputs);
  if (!exact) return failure("the reference failed: " + exact.error().message);
  LevelDifferences differences;
  for (std::size_t i = 0; i < inputs.size(); ++i) differences.add((*answers)[i], (*exact)[i], *inputs[i].mask);
  if (gate.holds(differences)) return Ok{};
  return failure(
      fmt::format("predictions for sample pictures differ from fp32's by {} dB and up to {} levels; required: {}",
                  std::lround(differences.psnr()), differences.max(), gate.text()));
}

}  // namespace inpaintd
