// SPDX-License-Identifier: Apache-2.0
#include "tools/lama_bench_accuracy.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "tools/lama_bench_pictures.h"
#include "tools/lama_bench_table.h"

namespace inpaintd::tools {
namespace {

constexpr Gate gates[] = {
    {"fp32", 70, 1, 1},
    {"tf32", 55, 0.999, 2},
    {"fp16", 48, 0.999, 4},
    {"bf16", 40, 0.99, 4},
};

/// Another place may mean another order of summing up, in every precision.
constexpr int place_max = 1;

/// The last picture n-1 times, then the first one: both have another place and other neighbours than in the batch.
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

/// The precision whose gate counts: what "auto" stands for is in the engine's own words.
std::string_view effective_precision(const Contender& contender) {
  const std::string words = contender.inpainter->describe();
  for (const Gate& gate : gates)
    if (words.find(", " + std::string(gate.precision)) != words.npos) return gate.precision;
  return contender.precision;
}

std::string verdict(const Contender& contender, const Accuracy& accuracy) {
  const auto gate = gate_of(effective_precision(contender));
  if (!gate) return "no gate for " + contender.precision;
  if (!gate->holds(accuracy.differences)) return "misses " + gate->text();
  if (accuracy.place > place_max) return "depends on the place in the batch";
  return {};
}

Accuracy check(const Contender& contender, const std::vector<NetworkInput>& batch, const std::vector<Pixels>& exact) {
  Accuracy accuracy{.engine = contender.label(), .precision = contender.precision};
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

void LevelDifferences::add(const Pixels& answer, const Pixels& exact, const Pixels& mask) {
  for (std::size_t at = 0; at < answer.bytes.size(); ++at)
    if (mask.bytes[at / 3] > 127) ++samples_[static_cast<std::size_t>(std::abs(answer.bytes[at] - exact.bytes[at]))];
}

int LevelDifferences::max() const { return percentile(1); }

int LevelDifferences::percentile(double share) const {
  std::uint64_t all = 0;
  for (const auto count : samples_) all += count;
  std::uint64_t within = 0;
  for (std::size_t levels = 0; levels < samples_.size(); ++levels) {
    within += samples_[levels];
    if (static_cast<double>(within) >= share * static_cast<double>(all)) return static_cast<int>(levels);
  }
  return 255;
}

double LevelDifferences::psnr() const {
  double squares = 0, all = 0;
  for (std::size_t levels = 0; levels < samples_.size(); ++levels) {
    const auto count = static_cast<double>(samples_[levels]);
    squares += count * static_cast<double>(levels * levels);
    all += count;
  }
  return 10 * std::log10(255.0 * 255.0 * all / squares);
}

bool Gate::holds(const LevelDifferences& differences) const {
  return differences.psnr() >= psnr_min && differences.percentile(share) <= levels_max;
}

std::string Gate::text() const {
  const std::string which = share < 1 ? "p" + decimal(share * 100, share > 0.99 ? 1 : 0) : "max";
  return "PSNR >= " + decimal(psnr_min, 0) + " dB, " + which + " <= " + std::to_string(levels_max) +
         (levels_max == 1 ? " level" : " levels");
}

std::optional<Gate> gate_of(std::string_view precision) {
  const auto found =
      std::find_if(std::begin(gates), std::end(gates), [&](const Gate& g) { return g.precision == precision; });
  return found == std::end(gates) ? std::nullopt : std::optional(*found);
}

void measure_accuracy(const BenchOptions& options, std::span<const Contender> contenders, Inpainter& oracle,
                      const std::function<void(const Accuracy&)>& report) {
  Pictures pictures(options.seed);
  for (const Size size : options.sizes) {
    pictures.draw(size, *std::max_element(options.batches.begin(), options.batches.end()));
    std::vector<Pixels> exact;  // one by one: the oracle is to know no batches
    for (std::size_t i = 0; i < pictures.count(); ++i)
      exact.push_back(or_throw(oracle.run(std::vector{pictures.input(i)})).front());
    for (const int batch : options.batches)
      for (const Contender& contender : contenders) report(check(contender, pictures.batch(batch), exact));
  }
}

}  // namespace inpaintd::tools
