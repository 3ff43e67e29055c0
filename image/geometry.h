// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/input.h"
#include "core/network_traits.h"

namespace inpaintd {

/// The limits and settings of the planning of runs. `network` is no setting: it describes the loaded model.
struct TilingLimits {
  std::int64_t whole_pixels_max = 8'000'000;  ///< `whole` takes pictures up to this size
  /// The sides of the squares that the network is run at, for every strategy but `whole`. Ascending, multiples of
  /// NetworkTraits::side_multiple from 64 on. The fewer there are, the fuller are the batches. None: the network's own.
  std::vector<int> window_sides;
  double context = 0.25;  ///< margin kept around a hole in a window, in parts of the hole's longer side
  int context_min = 64;   ///< and at least this many pixels
  NetworkTraits network;

  /// The ladder: window_sides, or the network's own. At least one.
  [[nodiscard]] const std::vector<int>& ladder() const {
    return window_sides.empty() ? network.window_sides : window_sides;
  }

  friend bool operator==(const TilingLimits&, const TilingLimits&) = default;
};

/// One planned run: the `window` of the picture is shrunk to `scaled` and mirrored to the network size `run`.
struct Placement {
  Rect window;
  Size scaled;
  Size run;
  friend bool operator==(const Placement&, const Placement&) = default;
};

/// Returns `crop` for `automatic`, and every other strategy unchanged.
Strategy resolve(Strategy strategy);

/// Chooses the runs for the holes with these boxes (from find_holes) in a picture of size `picture`; no runs without
/// holes. A pure function.
///
/// `whole`: one run of the whole picture at its own size, mirrored to multiples of NetworkTraits::side_multiple; the
/// reference for other strategies.
///
/// `crop` and `automatic`: at most 64 windows. Each is the smallest square of the ladder that holds its hole and the
/// margin around it, as far as the picture has pixels. The window is moved inside the picture, and mirrored to a square
/// if the picture is smaller. Holes share a window if that costs no more pixels. A hole that is too large with its
/// margin gets a window of its own, shrunk to the largest side of the ladder. If more than 64 windows were needed, the
/// picture is run as with `resize`.
///
/// `resize`: one run of the whole picture, shrunk to the largest side of the ladder if it is larger.
std::vector<Placement> plan_runs(Size picture, std::span<const Rect> holes, Strategy strategy,
                                 const TilingLimits& limits);

/// A size that no run of plan_runs exceeds in either direction.
Size largest_run(Size picture, Strategy strategy, const TilingLimits& limits);

/// The index of the run from whose prediction `hole` is filled: of the runs that show the whole margin on all sides,
/// the one that is shrunk least, and the first of these; if no run shows the whole margin, the run whose smallest
/// margin is largest.
std::size_t home_run(const Rect& hole, std::span<const Placement> runs, Size picture, const TilingLimits& limits);

/// Holes are searched in a mask that is shrunk to this side, because labels need four bytes per pixel.
inline constexpr int hole_search_side_max = 4096;

/// Bounding boxes of the holes of the mask: disjoint, from top to bottom, at most 256. Each hole is a connected area;
/// holes whose boxes overlap, and neighbours if there are more than 256 holes, share a box.
std::vector<Rect> find_holes(const Pixels& mask);

/// `size` rounded up to multiples of the network in each direction, and at least window_side_min.
Size padded(Size size, const NetworkTraits& network = {});

/// The run at a smaller side of the ladder in whose window a hole of `width` pixels is at most as wide as the network
/// fills well, as far as there is such a side; the run itself where the hole is no wider.
Placement shrunk_for(double width, Placement run, const TilingLimits& limits);

/// For each area, twice the largest distance of a hole pixel inside it to the nearest known pixel of the mask.
std::vector<double> hole_widths(const Pixels& mask, std::span<const Rect> areas);

/// The tile of one run, without its image: cuts, scales and pads the mask. A scaled pixel that touches a hole is a
/// hole, and the padding mirrors the window, edge pixels included.
Tile plan_tile(const Pixels& mask, const Placement& placement);

/// The image of a tile, cut, scaled (with averaging) and padded like its mask.
std::shared_ptr<const Pixels> cut_image(const Pixels& rgb, const Tile& tile);

/// The part of a run's prediction that `paste` reads to fill `area`, a part of the picture: the pixels under the area
/// and, if the prediction is enlarged, the neighbours that the interpolation reads. Empty if window and area do not
/// overlap.
Rect needed_part(const Placement& placement, const Rect& area);

/// Grows the holes by `radius` pixels, with a round structuring element.
Pixels dilate(const Pixels& mask, int radius);

/// The part `frame` of a picture, into which predictions are pasted.
struct Canvas {
  Rect frame;
  Pixels rgb;
  Pixels alpha = {};  ///< with its holes filled; empty: alpha stays as it is
  std::vector<std::uint16_t> deep =
      {};  ///< the same as `rgb` with 16 bits; empty unless the picture is a PNG of 16 bits
};

/// The patch for `area`, which is filled from the tile of this index and blended over `feather` pixels from the edge of
/// the hole inwards. `mask` is that of the whole picture.
Patch make_patch(const Pixels& mask, const Rect& area, std::size_t tile, int feather);

/// Pastes one prediction (of the tile's network size) into `canvas`: hole pixels inside the area of the patch and of
/// the canvas are replaced or blended, and known pixels stay unchanged. `mask` is that of the whole picture. The
/// prediction is converted from sRGB to `colours`, unless these are null.
void paste(Canvas& canvas, const Pixels& mask, const Tile& tile, const Pixels& prediction, const Patch& patch,
           const ColourSpace* colours = nullptr);

}  // namespace inpaintd
