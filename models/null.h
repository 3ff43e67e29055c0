// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "models/inpainter.h"

namespace inpaintd {

/// Answers every input with its own image: for measuring everything but the engine. At once when `pace` is empty, else
/// after that time per batch, as in "20ms": a stand-in for any engine whose speed is known.
Result<std::unique_ptr<Inpainter>, EngineFailure> make_null_inpainter(const std::string& pace);

}  // namespace inpaintd
