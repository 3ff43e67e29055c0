// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <numbers>

#include "core/pixels.h"

namespace inpaintd {

inline double area(Size size) { return static_cast<double>(size.width) * size.height; }

/// Sizes of one class differ in area by less than the square root of 2, so that they share what is learnt of any of
/// them: clients send thousands of sizes, and there are only some fifty classes. It is twice the area's logarithm to
/// the base of 2, rounded: the exponent of the squared area, with half a class added.
inline int area_class(Size size) { return std::ilogb(area(size) * area(size) * std::numbers::sqrt2); }

}  // namespace inpaintd
