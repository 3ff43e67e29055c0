// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/names.h"

namespace inpaintd {

/// What holds outside of the holes when an answer is compared with the file of its request (docs/protocol.md).
enum class Exact : std::uint8_t {
  bits,     ///< what the file stores is copied: coefficients or samples, and metadata
  pixels,   ///< the decoded 8-bit samples are the same
  recoded,  ///< the picture is encoded anew with losses
};

template <>
struct EnumNames<Exact> {
  static constexpr std::array<std::string_view, 3> names{"bits", "pixels", "recoded"};
};

}  // namespace inpaintd
