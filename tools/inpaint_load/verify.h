// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "bus/wire/wire.h"
#include "tools/inpaint_load/inputs.h"

namespace inpaintd::tools {

/// Holds an answer against its request: is it a picture of the right size, and are its known pixels those that were
/// sent? To the byte in lossless formats; in lossy ones they must be alike, which a swapped picture is not. Returns
/// what is wrong, in words.
std::optional<std::string> find_fault(const LoadPicture& picture, const DrawnMask& mask, const wire::Done& done);

}  // namespace inpaintd::tools
