// SPDX-License-Identifier: Apache-2.0
#include "models/check/accuracy.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iterator>

#include "core/network_input.h"

namespace inpaintd {
namespace {

constexpr AccuracyGate gates[] = {
    {Precision::fp32, 70, 1, 1},
    {Precision::fp16, 48, 0.999, 4},
    {Precision::bf16, 40, 0.99, 4},
};
static_assert(std::size(gates) + 1 == EnumNames<Precision>::names.size(), "every precision but automatic has a gate");

}  // namespace

void LevelDifferences::add(const Pixels& answer, const Pixels& exact, const Pixels& mask) {
  for (std::size_t at = 0; at < answer.bytes.size(); ++at)
    if (mask.bytes[at / 3] > hole_above)
      ++samples_[static_cast<std::size_t>(std::abs(answer.bytes[at] - exact.bytes[at]))];
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

bool AccuracyGate::holds(const LevelDifferences& differences) const {
  return differences.psnr() >= psnr_min && differences.percentile(share) <= levels_max;
}

std::string AccuracyGate::text() const {
  char text[80];
  if (share < 1)
    std::snprintf(text, sizeof text, "PSNR >= %g dB, p%g <= %d levels", psnr_min, 100 * share, levels_max);
  else
    std::snprintf(text, sizeof text, "PSNR >= %g dB, max <= %d level", psnr_min, levels_max);
  return text;
}

const AccuracyGate& gate_of(Precision precision) {
  return *std::ranges::find(gates, precision, &AccuracyGate::precision);
}

}  // namespace inpaintd
