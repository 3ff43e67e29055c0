// SPDX-License-Identifier: Apache-2.0
#include "core/request.h"
#include "models/null/faults.h"
#include "models/null/pace.h"
#include "tests/fuzz/fuzz.h"

/// The small grammars of the null engine: model.null_faults, and the time that the engine takes.
namespace inpaintd::fuzz {

std::vector<std::string> seeds() {
  return {"poison:0.01,nan:1e-3,fail:@3,count:0,crash:1,lost:@20,hang:0.001:2s,hold:@9:/tmp/held,oom:>4,seed:7",
          "hang:@9:5s",
          "seed:18446744073709551615",
          "4ms+700us",
          "20ms",
          "3600s",
          "0us",
          ""};
}

void run(Bytes input) {
  const std::string text(text_of(input));
  if (const auto faults = parse_faults(text))
    for (const Fault& fault : faults->list) {
      require(fault.share >= 0 && fault.share <= 1, "a share is 0 to 1");
      require(fault.time.count() >= 0, "no fault takes negative time");
    }
  if (const auto pace = parse_pace(text))
    require(pace->time(256, 256 * network_pixels_max).count() >= 0, "no batch takes negative time");
}

}  // namespace inpaintd::fuzz
