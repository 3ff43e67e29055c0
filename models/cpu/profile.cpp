// SPDX-License-Identifier: Apache-2.0
#include "models/cpu/profile.h"

#include <cstdio>

namespace inpaintd::cpu {

std::string to_text(const Profile& profile, int runs, double peak) {
  std::string text;
  char line[160];
  const auto append = [&](const char* name, const Profile::Entry& e) {
    const double rate = e.seconds > 0 ? e.flops / e.seconds : 0;
    std::snprintf(line, sizeof line, "%-22s %9.2f ms %9.2f GFLOP %8.1f GFLOP/s %5.1f %%\n", name,
                  e.seconds / runs * 1e3, e.flops / runs * 1e-9, rate * 1e-9, peak > 0 ? 100 * rate / peak : 0);
    text += line;
  };
  Profile::Entry total;
  for (const auto& [layer, name] : layer_classes) {
    append(name, profile[layer]);
    total.seconds += profile[layer].seconds;
    total.flops += profile[layer].flops;
  }
  append("sum", total);
  return text;
}

}  // namespace inpaintd::cpu
