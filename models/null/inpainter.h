// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "models/inpainter.h"

namespace inpaintd {

/// Answers every input with its own image: for measuring everything but the engine. At once when `pace` is empty, else
/// after that time (see parse_pace): a stand-in for any engine whose speed is known. `faults` (see parse_faults) makes
/// it a stand-in for a broken one.
Result<std::unique_ptr<Inpainter>, EngineFailure> make_null_inpainter(const std::string& pace,
                                                                      const std::string& faults = {});

}  // namespace inpaintd
