// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/coding.h"
#include "core/pixels.h"
#include "core/request.h"

namespace inpaintd {

/// A decoded picture, upright, with what its output may have to carry on.
struct Picture {
  Pixels rgb;                   ///< 3 channels, always
  Pixels alpha;                 ///< 1 channel, or empty when the source had none
  std::string icc;              ///< ICC profile bytes, or empty
  bool grey = false;            ///< the source had one colour channel: so has the reply
  Format format = Format::png;  ///< what the source was (never `same`)
  Coding coding;                ///< how the source was encoded
};

/// One run of the network: a window of the picture at the size it is run, and where its answer goes.
struct Tile {
  Rect window;                          ///< in the picture
  Size scaled;                          ///< the window's size when run; smaller than the window after a resize
  std::shared_ptr<const Pixels> image;  ///< RGB, `scaled` padded symmetrically to multiples of 8
  std::shared_ptr<const Pixels> mask;   ///< 1 channel, 0 or 255, of the same size as `image`
  Rect need{};                          ///< the part of the network's answer that is used, inside `scaled`; empty: all

  /// The size the network sees; tiles of one size batch together.
  [[nodiscard]] Size network_size() const { return image->size(); }
};

/// Part of the picture that one tile's answer fills.
struct Patch {
  Rect area;                   ///< around a hole, inside the tile's window
  std::size_t tile = 0;        ///< index
  std::vector<float> weights;  ///< of the tile's answer, row by row over `area`, 0 where known; empty without feather
};

/// All that follows from a mask alone. Requests that bring the same mask share one.
struct HolePlan {
  Pixels mask;              ///< 1 channel, 0 or 255, the picture's size, after dilation
  Rect box;                 ///< around all holes; empty when nothing is masked
  std::vector<Tile> tiles;  ///< these lack their image; none when nothing is masked
  std::vector<Patch> patches;
};

/// A decoded request: all that is needed to run it and to answer it.
struct Input {
  Picture picture;
  std::shared_ptr<const HolePlan> holes;
  std::vector<Tile> tiles;  ///< empty when nothing is masked: the answer is the picture itself
  Options options;
};

}  // namespace inpaintd
