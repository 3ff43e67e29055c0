// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <numbers>

#include "core/pixels.h"

namespace inpaintd {

inline double area(Size size) { return static_cast<double>(size.width) * size.height; }

/// The class of sizes of nearly the same area, which share measurements: clients send thousands of sizes, and there are
/// about fifty classes. The areas of one class differ by less than the square root of 2. The class is twice the
/// logarithm of the area to the base 2, rounded: the exponent of the squared area, with half a class added.
inline int area_class(Size size) { return std::ilogb(area(size) * area(size) * std::numbers::sqrt2); }

}  // namespace inpaintd
