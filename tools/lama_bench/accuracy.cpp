// SPDX-License-Identifier: Apache-2.0
#include "tools/lama_bench/accuracy.h"

#include <algorithm>
#include <string_view>

#include "tools/lama_bench/pictures.h"
#include "tools/shared/or_throw.h"

namespace inpaintd::tools {
namespace {

/// Another position may change the order of summation, in every precision.
constexpr int place_max = 1;

/// The last picture n-1 times, then the first picture: both have another position and other neighbours than in `batch`.
std::vector<NetworkInput> shuffled(const std::vector<NetworkInput>& batch) {
  std::vector<NetworkInput> other(batch.size(), batch.back());
  other.back() = batch.front();
  return other;
}

int place_difference(const std::vector<Pixels>& answers, const std::vector<Pixels>& other) {
  LevelDifferences differences;
  const Pixels everywhere(answers[0].width, answers[0].height, 1, 255);
  differences.add(answers.front(), other.back(), everywhere);
  differences.add(answers.back(), other.front(), everywhere);
  return differences.max();
}

std::string verdict(const Contender& contender, const Accuracy& accuracy) {
  const std::string precision = contender.inpainter->precision();  // also where the options leave it to the engine
  const auto known = from_name<Precision>(precision);
  if (!known || *known == Precision::automatic) return "no gate for the precision " + precision;
  const AccuracyGate& gate = gate_of(*known);
  if (!gate.holds(accuracy.differences)) return "misses " + gate.text();
  if (accuracy.place > place_max) return "the answer depends on the position in the batch";
  return {};
}

Accuracy check(const Contender& contender, const std::vector<NetworkInput>& batch, const std::vector<Pixels>& exact) {
  Accuracy accuracy{.engine = contender.label(), .precision = std::string(name(contender.precision))};
  accuracy.size = batch[0].image->size();
  accuracy.batch = static_cast<int>(batch.size());
  accuracy.failure = contender.refusal;
  if (!contender.inpainter) return accuracy;
  const auto answers = contender.inpainter->run(batch);
  const auto other = batch.size() > 1 ? contender.inpainter->run(shuffled(batch)) : answers;
  if (!answers || !other) {
    accuracy.failure = (answers ? other : answers).error().message;
    return accuracy;
  }
  for (std::size_t i = 0; i < batch.size(); ++i) accuracy.differences.add((*answers)[i], exact[i], *batch[i].mask);
  accuracy.place = place_difference(*answers, *other);
  accuracy.failure = verdict(contender, accuracy);
  return accuracy;
}

}  // namespace

void measure_accuracy(const BenchOptions& options, std::span<const Contender> contenders, Inpainter& oracle,
                      const std::function<void(const Accuracy&)>& report) {
  Pictures pictures(options.seed);
  for (const Size size : options.sizes) {
    pictures.draw(size, *std::max_element(options.batches.begin(), options.batches.end()));
    std::vector<Pixels> exact;  // computed one by one, so that batches cannot change the answers of the oracle
    for (std::size_t i = 0; i < pictures.count(); ++i)
      exact.push_back(or_throw(oracle.run(std::vector{pictures.input(i)})).front());
    for (const int batch : options.batches)
      for (const Contender& contender : contenders) report(check(contender, pictures.batch(batch), exact));
  }
}

}  // namespace inpaintd::tools
