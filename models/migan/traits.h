// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "core/network_traits.h"
#include "models/migan/weights.h"

namespace inpaintd {

/// MI-GAN halves its maps once for each level but the first. It was trained on holes of limited width: objects up to
/// about 200 pixels wide are filled well, wider ones with fragments, and better where the window is shrunk.
inline NetworkTraits migan_traits(const MiganShape& shape) {
  const int multiple = std::max(network_side_multiple, shape.side_multiple());
  NetworkTraits traits{.side_multiple = multiple, .hole_width_max = 200};
  std::erase_if(traits.window_sides, [multiple](int side) { return side % multiple != 0; });
  if (traits.window_sides.empty()) traits.window_sides = {multiple};
  return traits;
}

}  // namespace inpaintd
