// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "models/inpainter.h"

namespace inpaintd {

/// Makes an engine that returns the image of each input, for measurements and tests of everything but the engines. It
/// returns at once if `pace` is empty, else after that time (see parse_pace), like an engine of known speed. `faults`
/// (see parse_faults) makes it fail on purpose. Errors: failed, for a bad pace or fault.
Result<std::unique_ptr<Inpainter>, EngineFailure> make_null_inpainter(const std::string& pace,
                                                                      const std::string& faults = {});

}  // namespace inpaintd
