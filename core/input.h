// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/coding.h"
#include "core/colour_space.h"
#include "core/note.h"
#include "core/pixels.h"
#include "core/request.h"

namespace inpaintd {

/// The coefficients of a JPEG file in memory (image/formats/jpeg_transcoder.h).
class JpegCoefficients;

/// A decoded picture, upright, with the properties that the result may have to keep.
struct Picture {
  Pixels rgb;                   ///< 3 channels, always
  Pixels alpha;                 ///< 1 channel, or empty when the source had none
  std::string icc;              ///< ICC profile bytes, or empty
  bool grey = false;            ///< the source had one colour channel, so the result has one, too
  Format format = Format::png;  ///< the format of the source (never `same`)
  Coding coding;                ///< how the source was encoded
  std::shared_ptr<const ColourSpace> colours = nullptr;  ///< null: the colours are those of sRGB, or taken as such
  /// Of a JPEG file, from the decoding of its pixels; null unless the answer copies them.
  std::shared_ptr<JpegCoefficients> coefficients = nullptr;
};

/// The file of a request's picture as it was sent, from which the answer copies what lies outside of the holes.
struct SourceFile {
  Bytes bytes;                        ///< empty if the picture was sent as raw pixels
  std::shared_ptr<const void> owner;  ///< keeps the bytes; null: the caller keeps them until the answer is rendered
};

/// One input of the network: a window of the picture, at the size at which it is run.
struct Tile {
  Rect window;  ///< in the picture
  Size scaled;  ///< the size of the window in the network; smaller than the window if it is shrunk
  std::shared_ptr<const Pixels> image;  ///< RGB, the window at size `scaled`, padded by reflection
  std::shared_ptr<const Pixels> mask;   ///< 1 channel, 0 or 255, of the same size as `image`
  Rect need{};                          ///< the part of the prediction that is used, inside `scaled`; empty: all of it
  bool wide = false;                    ///< it has colours beyond sRGB, so that only the tone curve was converted

  /// The size with the padding; tiles of the same network size can share a batch.
  [[nodiscard]] Size network_size() const { return image->size(); }
};

/// The part of the picture that one tile's prediction fills.
struct Patch {
  Rect area;                   ///< around a hole, inside the tile's window
  std::size_t tile = 0;        ///< the index of the tile
  std::vector<float> weights;  ///< of the prediction, row by row over `area`, 0 outside holes; empty without feather
};

/// Everything that follows from a mask alone. Requests with the same mask share one plan.
struct HolePlan {
  Pixels mask;              ///< 1 channel, 0 or 255, the picture's size, after dilation
  Rect box;                 ///< the bounding box of all holes; empty when nothing is masked
  std::vector<Tile> tiles;  ///< without their images; none when nothing is masked
  std::vector<Patch> patches;
  std::vector<Note> notes;  ///< on how the mask was read
};

/// A decoded request: everything that is needed to compute and to answer it.
struct Input {
  Picture picture;
  SourceFile source;
  std::shared_ptr<const HolePlan> holes;
  std::vector<Tile> tiles;  ///< empty when nothing is masked; then the result is the picture itself
  Options options;
  std::size_t rendering = 0;  ///< bytes that rendering the answer needs beside those of this object
};

}  // namespace inpaintd
