// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/input.h"

namespace inpaintd {

/// How pictures become network runs.
struct TilingLimits {
  int whole_side_max = 1024;  ///< `auto` runs the whole picture up to this long side
  int window_max = 1024;      ///< the largest crop window; `resize` shrinks the long side to it
  double context = 0.5;       ///< margin kept around a hole in a window, in parts of the hole's longer side
  int context_min = 64;       ///< and at least this many pixels
};

/// One planned run: `window` of the picture, run at size `scaled`.
struct Placement {
  Rect window;
  Size scaled;
  friend bool operator==(const Placement&, const Placement&) = default;
};

/// Chooses the runs for the given hole boxes (disjoint connected holes' bounding boxes) in a picture of `picture` size.
/// Pure. `whole`: one run of everything. `crop`: square windows of the canonical sizes 256, 512, 768, 1024, ...,
/// clipped to the picture, each hole in exactly one window. `resize`: one run of everything with its long side shrunk
/// to `window_max`. `auto`: `whole` up to `whole_side_max`, else `crop`, and `resize` where a hole fits no window.
std::vector<Placement> plan_runs(Size picture, std::span<const Rect> holes, Strategy strategy,
                                 const TilingLimits& limits);

/// Bounding boxes of the mask's connected holes.
std::vector<Rect> find_holes(const Pixels& mask);

/// `size` rounded up to multiples of 8 in each direction.
Size padded(Size size);

/// Cuts, scales and pads (symmetric: edge repeated) one run's network input.
Tile cut_tile(const Pixels& rgb, const Pixels& mask, const Placement& placement);

/// Grows the holes by `radius` pixels, with a round brush.
Pixels dilate(const Pixels& mask, int radius);

/// Puts one prediction (of the tile's network size) into `rgb`: pixels in the hole are replaced, blended over `feather`
/// pixels from the hole's edge inwards; every known pixel stays as it is.
void paste(Pixels& rgb, const Pixels& mask, const Tile& tile, const Pixels& prediction, int feather);

}  // namespace inpaintd
