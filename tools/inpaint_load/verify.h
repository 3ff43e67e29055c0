// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "bus/wire/wire.h"
#include "tools/inpaint_load/inputs.h"

namespace inpaintd::tools {

/// Compares an answer with its request: the picture must have the right size, and outside of the holes its pixels must
/// be those that were sent. They must be equal in lossless formats; in lossy ones their mean difference is bounded,
/// which still detects a picture of another request. Returns what is wrong, in words; nothing when the answer is right.
std::optional<std::string> find_fault(const LoadPicture& picture, const DrawnMask& mask, const wire::Done& done);

}  // namespace inpaintd::tools
