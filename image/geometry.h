// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/input.h"

namespace inpaintd {

/// How pictures become network runs.
struct TilingLimits {
  int whole_side_max = 1024;                  ///< `auto` runs the whole picture up to this long side
  std::int64_t whole_pixels_max = 8'000'000;  ///< `whole` takes pictures up to this size, and so does `auto`
  int window_max = 1024;                      ///< the largest crop window; `resize` shrinks the long side to it
  double context = 0.5;  ///< margin kept around a hole in a window, in parts of the hole's longer side
  int context_min = 64;  ///< and at least this many pixels

  friend bool operator==(const TilingLimits&, const TilingLimits&) = default;
};

/// One planned run: `window` of the picture, run at size `scaled`.
struct Placement {
  Rect window;
  Size scaled;
  friend bool operator==(const Placement&, const Placement&) = default;
};

/// What `auto` means for a picture of this size; every other strategy means itself.
Strategy resolve(Strategy strategy, Size picture, const TilingLimits& limits);

/// Chooses the runs for the given hole boxes (as find_holes makes them) in a picture of `picture` size; none without
/// holes. Pure. `whole`: one run of everything. `crop`: at most 64 square windows of the canonical sizes 256, 512, 768,
/// 1024, ..., each the smallest that holds its hole and margin (the largest, when only the margin is too much), moved
/// and clipped to lie inside the picture; holes share a window where that costs no more. `resize`: one run of
/// everything with its long side shrunk to `window_max`. `auto`: `whole` up to `whole_side_max` and
/// `whole_pixels_max`, else `crop`. Where a hole is larger than the largest window, or the windows are too many, `crop`
/// becomes `resize`.
std::vector<Placement> plan_runs(Size picture, std::span<const Rect> holes, Strategy strategy,
                                 const TilingLimits& limits);

/// A size that none of plan_runs' runs exceeds in either direction.
Size largest_run(Size picture, Strategy strategy, const TilingLimits& limits);

/// The index of the window that answers for `hole`: the one that shows most context on its poorest side, else the
/// first.
std::size_t home_window(const Rect& hole, std::span<const Rect> windows, Size picture);

/// Holes are searched in a mask that is shrunk to this side: labels take four bytes a pixel.
inline constexpr int hole_search_side_max = 4096;

/// Bounding boxes of the mask's holes, disjoint, from top to bottom, at most 256: connected holes, and neighbours taken
/// together where they are more or their boxes meet.
std::vector<Rect> find_holes(const Pixels& mask);

/// `size` rounded up to multiples of 8 in each direction, at least 64: below, the network's reflections do not fit.
Size padded(Size size);

/// One run's tile, still without its image: cuts, scales (a pixel that touches a hole is a hole) and pads (symmetric:
/// edge repeated) its mask.
Tile plan_tile(const Pixels& mask, const Placement& placement);

/// The tile's image, cut, scaled (averaging) and padded alike.
std::shared_ptr<const Pixels> cut_image(const Pixels& rgb, const Tile& tile);

/// The part of a run's prediction that `paste` reads when it fills `area` (of the picture): the pixels under it, and
/// where the prediction is enlarged those that the interpolation reaches beside them. Empty where they do not meet.
Rect needed_part(const Placement& placement, const Rect& area);

/// Grows the holes by `radius` pixels, with a round brush.
Pixels dilate(const Pixels& mask, int radius);

/// The part `frame` of a picture, being repainted.
struct Canvas {
  Rect frame;
  Pixels rgb;
};

/// `area`, to be filled from the tile of this index, blended over `feather` pixels from the hole's edge inwards. `mask`
/// is the whole picture's.
Patch make_patch(const Pixels& mask, const Rect& area, std::size_t tile, int feather);

/// Puts one prediction (of the tile's network size) into `canvas`: hole pixels inside the patch's area and canvas.frame
/// are replaced or blended, every known pixel stays as it is. `mask` is the whole picture's.
void paste(Canvas& canvas, const Pixels& mask, const Tile& tile, const Pixels& prediction, const Patch& patch);

}  // namespace inpaintd
