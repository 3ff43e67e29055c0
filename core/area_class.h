// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include "core/pixels.h"

namespace inpaintd {

inline double area(Size size) { return static_cast<double>(size.width) * size.height; }

/// Sizes of one class differ in area by less than the square root of 2, so that they share what is learnt of any of
/// them: clients send thousands of sizes, and there are only some fifty classes.
inline int area_class(Size size) { return static_cast<int>(std::lround(2 * std::log2(area(size)))); }

}  // namespace inpaintd
