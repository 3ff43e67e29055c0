// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "core/pixels.h"
#include "models/cpu/layout.h"
#include "models/cpu/tensor_table.h"

namespace inpaintd::cpu {

/// The largest tile of a layer, in pixels of the layer's matrix product. The columns are even, because doubled rows
/// start at even columns.
struct TileSize {
  int rows = 0;
  int columns = 0;
};

/// A part of a map that one thread works on. A layer that halves is described by its smaller result.
struct MiganTile {
  int image = 0;
  Window window;

  [[nodiscard]] int rows() const { return window.y1 - window.y0; }
  [[nodiscard]] int columns() const { return window.x1 - window.x0; }
};

/// The maps of one level, and the tiles of its layers.
struct MiganMaps {
  View skip;     ///< the result of the encoder's first layer
  View encoded;  ///< the result of the encoder's second layer, at the next level's resolution
  View mixed;    ///< the synthesis' first layer, before doubling; at the last level its result with the skip added
  View result;   ///< the result of the synthesis; none at level 0
  View colours;  ///< the picture so far; none at level 0
  TileSize encoder[2], synthesis[2];
};

/// The memory of one worker, used within one tile.
struct MiganScratch {
  float* rows;    ///< the input of the 3x3 convolutions, for one block
  float* full;    ///< their result before halving, for one block
  float* noise;   ///< the rows of the noise
  float* packed;  ///< the network's input
  float* mixed;   ///< the input of the matrix product
  float* output;  ///< its result where no map holds it
};

/// Where the result of a matrix product goes: a map, or the worker's own memory.
struct MiganOutput {
  const View* map = nullptr;  ///< or nullptr
  int blocks = 0;
  Stride own_plane = 0;  ///< of one block in the worker's own memory
  int pixel = 0;         ///< floats of a pixel there

  [[nodiscard]] float* at(int block, const MiganTile& tile, int y, const MiganScratch& s) const {
    if (map) return map->at(block, tile.image, y, tile.window.x0);
    return s.output + block * own_plane + static_cast<Stride>(y - tile.window.y0) * row(tile);
  }
  [[nodiscard]] Stride row(const MiganTile& tile) const {
    return map ? map->row : static_cast<Stride>(tile.columns()) * pixel;
  }
  [[nodiscard]] Stride plane() const { return map ? map->plane : own_plane; }
};

/// Sets the halo of one pixel to zero: the layers pad with zeros.
void zero_border(const View& map);

/// The maps of MI-GAN for one size and batch, and their places in an arena.
class MiganPlan {
 public:
  /// `channels` by level, for a kernel set whose vectors have `block` floats. Throws std::bad_alloc.
  MiganPlan(const std::vector<int>& channels, int block, int threads, Size wanted, int count);
  MiganPlan(const MiganPlan&) = delete;  // the table points into the object
  MiganPlan& operator=(const MiganPlan&) = delete;

  [[nodiscard]] std::size_t arena_floats() const { return arena_floats_; }
  /// Gives every map its place in an arena of arena_floats() floats.
  void bind(float* arena) { tensors_.bind(arena); }
  [[nodiscard]] bool is_for(Size wanted, int count) const { return size == wanted && images == count; }
  [[nodiscard]] MiganScratch scratch(int worker) const;

  Size size;
  int images = 0;
  std::vector<MiganMaps> maps;

 private:
  /// The tile of a layer, whose memory is counted: `inputs` and `outputs` are blocks of channels, height and width
  /// those of the matrix product's result.
  TileSize tile(int inputs, int outputs, int height, int width);

  int block_;
  int threads_;
  TensorTable tensors_;
  std::size_t arena_floats_ = 0;
  float* scratch_ = nullptr;
  // Floats of the parts of a worker's memory, and of all of it.
  Stride rows_ = 0, full_ = 0, noise_ = 0, packed_ = 0, mixed_ = 0, output_ = 0, stride_ = 0;
};

}  // namespace inpaintd::cpu
