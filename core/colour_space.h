// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace inpaintd {

/// How the colours of a picture that is not in sRGB convert to linear sRGB and back. Sources: ICC.1 (matrix profiles),
/// and the PNG specification (gAMA, cHRM, cICP).
struct ColourSpace {
  using Matrix = std::array<float, 9>;  ///< row by row
  using Curve = std::array<float, 256>;

  static constexpr std::size_t encoded_size = 4097;

  std::array<Curve, 3> linear{};              ///< red, green, blue: an 8-bit sample as linear light, 0..1
  std::array<std::vector<float>, 3> encoded;  ///< sample, 0..1, at the square roots of linear light 0, 1/4096, ..., 1
  Matrix to_srgb{};                           ///< from linear light with the primaries of the picture to linear sRGB
  Matrix from_srgb{};                         ///< the inverse
};

}  // namespace inpaintd
