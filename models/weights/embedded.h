// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

namespace inpaintd {

/// The default model as the bytes of a safetensors file.
std::span<const std::byte> embedded_weights();

}  // namespace inpaintd
