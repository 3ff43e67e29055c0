// SPDX-License-Identifier: Apache-2.0
#include "models/check/self_check.h"

#include <cmath>
#include <string>

#include "models/check/sample_pictures.h"

namespace inpaintd {
namespace {

Error missed(const std::string& what) { return {ErrorCode::internal, what}; }

}  // namespace

Status self_check(Inpainter& engine, Inpainter& reference, const Gate& gate, Size size) {
  const SamplePictures pictures(size);
  const auto inputs = pictures.batch();
  const auto answers = engine.run(inputs);
  if (!answers) return missed(answers.error().message);
  const auto exact = reference.run(inputs);
  if (!exact) return missed("the reference failed: " + exact.error().message);
  LevelDifferences differences;
  for (std::size_t i = 0; i < inputs.size(); ++i) differences.add((*answers)[i], (*exact)[i], *inputs[i].mask);
  if (gate.holds(differences)) return Ok{};
  return missed("its answers to sample pictures are " + std::to_string(std::lround(differences.psnr())) +
                " dB and up to " + std::to_string(differences.max()) + " levels from fp32's, which misses " +
                gate.text());
}

}  // namespace inpaintd
