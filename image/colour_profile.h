// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/colour_space.h"

namespace inpaintd {

/// The colour space of an ICC profile with curves and a matrix, or with the curve of grey. Null if its colours are
/// those of sRGB within about 2 of 255, and for every profile that cannot be used: broken, larger than 4 MB, for other
/// colour models than RGB and grey, or described by tables alone. Throws std::bad_alloc only.
std::shared_ptr<const ColourSpace> colour_space_of(const std::string& icc);

/// The primaries and the curve of a picture that has no profile.
struct Primaries {
  /// CIE x and y.
  struct Point {
    double x = 0, y = 0;
  };
  Point white{0.3127, 0.3290}, red{0.64, 0.33}, green{0.30, 0.60}, blue{0.15, 0.06};  // those of sRGB
  std::optional<double> gamma = std::nullopt;  ///< linear light = sample ^ gamma; none: the curve of sRGB
};

/// An ICC profile with these primaries and this curve, the same bytes at every call; empty if there is none, such as
/// for primaries on one line. Throws std::bad_alloc only.
std::string profile_with(const Primaries& primaries);

}  // namespace inpaintd
