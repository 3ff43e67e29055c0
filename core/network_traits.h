// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/network_input.h"

namespace inpaintd {

/// What the planner of windows needs to know of a network. The initializers are those of LaMa, and of modules of which
/// nothing is known.
struct NetworkTraits {
  int side_multiple = network_side_multiple;           ///< the sides of its inputs are multiples of this number
  std::vector<int> window_sides{256, 512, 768, 1024};  ///< the sides of the squares that it is run at; ascending
  /// The largest width of a hole, in pixels of the network's input, that it fills well. Windows with a wider hole are
  /// shrunk. The width of a hole is twice the largest distance of its pixels to known ones. 0: every width.
  int hole_width_max = 0;

  friend bool operator==(const NetworkTraits&, const NetworkTraits&) = default;
};

}  // namespace inpaintd
