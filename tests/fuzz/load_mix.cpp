// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>

#include "tests/fuzz/fuzz.h"
#include "tools/inpaint_load/mix.h"

/// The small grammars of inpaint-load: the weights of priorities and of picture sides.
namespace inpaintd::fuzz {

std::vector<std::string> seeds() {
  return {"low",
          "high=1,normal=8,low=1",
          "512",
          "256,512",
          "256=3,512=1",
          "normal=1e-300",
          "16=0,4096=1e6",
          "low=nan",
          "",
          ",",
          "="};
}

void run(Bytes input) {
  tools::Mix mix;
  bool known = false;
  if (const auto priorities = tools::parse_priorities(text_of(input))) {
    mix.priorities = *priorities;
    known = true;
    require(std::accumulate(priorities->begin(), priorities->end(), 0.0) > 0, "some priority has a weight");
  }
  if (const auto sides = tools::parse_sides(text_of(input))) {
    mix.sides = *sides;
    known = true;
    for (const tools::SideWeight& each : *sides)
      require(each.side >= 16 && each.side <= 4096 && each.weight >= 0, "a side is 16 to 4096");
  }
  if (!known) return;
  const tools::Choice choice = tools::choose(mix, 4, 1, input.size());
  require(choice.side < mix.sides.size() && choice.picture < 4, "a choice is among what the mix offers");
}

}  // namespace inpaintd::fuzz
