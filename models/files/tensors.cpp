// SPDX-License-Identifier: Apache-2.0
#include "models/files/tensors.h"

#include <fmt/format.h>

namespace inpaintd {

std::string shape_text(const std::vector<std::int64_t>& shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

}  // namespace inpaintd
