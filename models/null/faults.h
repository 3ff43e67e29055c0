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

/// One thing that goes wrong on purpose, and when.
struct Fault {
  enum class Kind : std::uint8_t {
    poison,  ///< a picture that fails every batch it is in
    nan,     ///< a picture whose answer is not finite
    fail,    ///< a run that fails; the next may work
    count,   ///< a run that answers one picture too few
    crash,   ///< a run that throws, which no engine should
    lost,    ///< a run that loses the device
    hang,    ///< a run that takes `time` more
    oom,     ///< every run of more than `above` pictures does not fit
  };
  Kind kind = Kind::fail;
  double share = 0;        ///< of the pictures (poison, nan) or of the runs
  std::uint64_t call = 0;  ///< instead of a share: this run of the engine, counted from 1; 0 means none
  std::size_t above = 0;
  std::chrono::milliseconds time{3'600'000};
};

struct Faults {
  std::vector<Fault> list;
  std::uint64_t seed = 1;
};

/// Reads a list such as "poison:0.01,crash:@3,hang:0.001:2s,oom:>4,seed:7". Errors name the entry and what it may be.
Result<Faults, EngineFailure> parse_faults(const std::string& text);

/// The same engine, with faults. Which pictures are bad depends on their pixels and the seed alone, so a bad one is bad
/// wherever and whenever it is run (a grey one, 128 all over, never is); which runs go wrong depends on their number
/// and the seed.
std::unique_ptr<Inpainter> with_faults(std::unique_ptr<Inpainter> engine, Faults faults);

}  // namespace inpaintd
