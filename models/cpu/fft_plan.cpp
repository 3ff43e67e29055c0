// SPDX-License-Identifier: Apache-2.0
#include "models/cpu/fft_plan.h"

#include <cassert>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace inpaintd::cpu {
namespace {

/// Radices whose product is n: fours first, because radix 4 costs the fewest operations, then primes.
std::vector<int> factors(int n) {
  std::vector<int> result;
  for (; n % 4 == 0; n /= 4) result.push_back(4);
  for (int p = 2; n > 1; ++p)
    for (; n % p == 0; n /= p) result.push_back(p);
  return result;
}

/// Appends (cos, sin) of sign * 2 pi * turns / whole.
void append_root(std::vector<float>& to, std::int64_t turns, int whole, double sign) {
  const double angle = sign * 2 * std::numbers::pi * static_cast<double>(turns % whole) / whole;
  to.push_back(static_cast<float>(std::cos(angle)));
  to.push_back(static_cast<float>(std::sin(angle)));
}

}  // namespace

FftPlan::FftPlan(int length) {
  assert(length >= 2);
  fft_.length = length;
  int before = 1;
  for (const int radix : factors(length)) {
    FftStage& stage = fft_.stage[fft_.stages++];
    stage.radix = radix;
    stage.before = before;
    stage.after = length / before / radix;
    auto& twiddles = constants_.emplace_back();
    for (int p = 0; p < stage.after; ++p)
      for (int j = 1; j < radix; ++j) append_root(twiddles, std::int64_t{p} * j, stage.after * radix, -1);
    stage.twiddles = twiddles.data();
    if (radix > 5) {
      auto& roots = constants_.emplace_back();
      for (int t = 0; t < radix; ++t) append_root(roots, t, radix, 1);
      stage.roots = roots.data();
    }
    before *= radix;
  }
}

}  // namespace inpaintd::cpu
