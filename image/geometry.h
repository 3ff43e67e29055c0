// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/input.h"
#include "core/network_traits.h"

namespace inpaintd {

/// How pictures become network runs. `network` is no setting: it describes the model that is loaded.
struct TilingLimits {
  std::int64_t whole_pixels_max = 8'000'000;  ///< `whole` takes pictures up to this size
  /// The sides of the squares that the network is run at, for every strategy but `whole`. Ascending, multiples of
  /// NetworkTraits::side_multiple from 64 on. The fewer there are, the fuller are the batches. None: the network's own.
  std::vector<int> window_sides;
  double context = 0.25;  ///< margin kept around a hole in a window, in parts of the hole's longer side
  int context_min = 64;   ///< and at least this many pixels
  NetworkTraits network;

  /// The ladder: window_sides, or the network's own. At least one.
  [[nodiscard]] const std::vector<int>& ladder() const { return window_sides.empty() ? network.window_sides : window_sides; }

  friend bool operator==(const TilingLimits&, const TilingLimits&) = default;
};

/// One planned run: `window` of the picture, shrunk to `scaled`, mirrored to the network's size `run`.
struct Placement {
  Rect window;
  Size scaled;
  Size run;
  friend bool operator==(const Placement&, const Placement&) = default;
};

/// `crop` for `automatic`; every other strategy means itself.
Strategy resolve(Strategy strategy);

/// Chooses the runs for the given hole boxes (as find_holes makes them) in a picture of `picture` size; none without
/// holes. Pure.
/// `whole`: one run of everything at its own size, mirrored to multiples of the network: the reference.
/// `crop` and `automatic`: at most 64 windows, each the smallest square of the ladder that holds its hole and the
/// margin around it, as far as the picture has pixels. The window is moved inside the picture, and mirrored to the
/// square where the picture is smaller. Holes share a window where that costs no more. A hole that is too large with
/// its margin gets a window of its own, shrunk to the largest side of the ladder. `resize`: one run of everything,
/// shrunk to the largest side of the ladder where it is larger; `crop` too, where there would be more than 64 windows.
std::vector<Placement> plan_runs(Size picture, std::span<const Rect> holes, Strategy strategy,
                                 const TilingLimits& limits);

/// A size that none of plan_runs' runs exceeds in either direction.
Size largest_run(Size picture, Strategy strategy, const TilingLimits& limits);

/// The index of the run that answers for `hole`: the first that shows the margin on all sides and is shrunk least;
/// where none shows all of the margin, the one that shows most on its poorest side.
std::size_t home_run(const Rect& hole, std::span<const Placement> runs, Size picture, const TilingLimits& limits);

/// Holes are searched in a mask that is shrunk to this side: labels take four bytes a pixel.
inline constexpr int hole_search_side_max = 4096;

/// Bounding boxes of the mask's holes, disjoint, from top to bottom, at most 256: connected holes, and neighbours taken
/// together where they are more or their boxes meet.
std::vector<Rect> find_holes(const Pixels& mask);

/// `size` rounded up to multiples of the network in each direction, and at least window_side_min.
Size padded(Size size, const NetworkTraits& network);

/// The run at a smaller side of the ladder in whose window a hole of `width` pixels is at most as wide as the network
/// fills well, as far as there is such a side; the run itself where the hole is no wider.
Placement shrunk_for(double width, Placement run, const TilingLimits& limits);

/// Twice the largest distance of a hole pixel inside `area` to the nearest known pixel of the mask.
double hole_width(const Pixels& mask, const Rect& area);

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
