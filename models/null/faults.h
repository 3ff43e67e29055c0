// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "models/inpainter.h"

namespace inpaintd {

/// One failure on purpose, and the condition for it.
struct Fault {
  enum class Kind : std::uint8_t {
    poison,  ///< a picture that fails every batch it is in
    nan,     ///< a picture whose prediction holds NaN
    fail,    ///< a run that fails; the next one may succeed
    count,   ///< a run that returns one picture too few
    crash,   ///< a run that throws, against the contract of engines
    lost,    ///< a run that loses the device
    hang,    ///< a run that takes `time` more
    hold,    ///< a run that waits as long as the file `file` exists
    oom,     ///< every run of more than `above` pictures runs out of memory
  };
  Kind kind = Kind::fail;
  double share = 0;        ///< of the pictures (poison, nan) or of the runs
  std::uint64_t call = 0;  ///< instead of a share: this run of the engine, counted from 1; 0 means none
  std::size_t above = 0;
  std::chrono::milliseconds time{3'600'000};
  std::string file;
};

/// The faults of an engine, and the seed of their random decisions.
struct Faults {
  std::vector<Fault> list;
  std::uint64_t seed = 1;
};

/// Reads a list such as "poison:0.01,crash:@3,hang:0.001:2s,hold:@2:/tmp/busy,oom:>4,seed:7". Errors name the entry and
/// the known forms.
Result<Faults, EngineFailure> parse_faults(const std::string& text);

/// Adds faults to an engine. Whether a picture has a fault depends only on its pixels and the seed, so the same
/// pictures have faults in every batch; a grey picture, 128 everywhere, never has one. Whether a run fails depends only
/// on its number and the seed.
std::unique_ptr<Inpainter> with_faults(std::unique_ptr<Inpainter> engine, Faults faults);

}  // namespace inpaintd
