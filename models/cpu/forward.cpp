// SPDX-License-Identifier: Apache-2.0
#include "models/cpu/forward.h"

#include <algorithm>
#include <cmath>

namespace inpaintd::cpu {

bool store_row(const float* row, std::size_t samples, std::size_t at, const Target& target) {
  bool numbers = true;
  for (std::size_t i = 0; i < samples; ++i) numbers &= !std::isnan(row[i]);
  if (target.values) std::copy_n(row, samples, target.values + at);
  if (target.bytes)
    for (std::size_t i = 0; i < samples; ++i) {
      const float level = row[i] * 255.0F;
      target.bytes[at + i] = level > 0 ? static_cast<std::uint8_t>(std::min(level, 255.0F)) : std::uint8_t{0};
    }
  return numbers;
}

}  // namespace inpaintd::cpu
