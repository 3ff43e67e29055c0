// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "models/cpu/forward.h"
#include "models/cpu/layout.h"
#include "models/cpu/memory.h"
#include "models/cpu/migan_plan.h"
#include "models/cpu/migan_rows.h"
#include "models/cpu/packing.h"
#include "models/cpu/pool.h"
#include "models/cpu/stages.h"
#include "models/migan/fold.h"

namespace inpaintd::cpu {

/// MI-GAN. The picture of each level is cut into tiles, and a separable layer does all of its work on one tile while
/// that is in cache: the rows that it reads are made (from the picture, from a map, or by doubling a map and adding the
/// skip), then come the 3x3 convolutions, halving, the matrix product, noise and activation. So maps of the full
/// resolution go through memory twice, as skips, and once more as the input of the halving layer.
class MiganNetwork final : public Forward {
 public:
  /// Packs the weights; `model` may be freed afterwards. Throws std::bad_alloc, and std::invalid_argument for a network
  /// without levels.
  MiganNetwork(const FoldedMigan& model, const Kernels& kernels, Pool& pool);
  ~MiganNetwork() override;

  std::optional<std::size_t> run(std::span<const Source> sources, Size size, std::span<const Target> targets,
                                 Profile* profile) override;
  void release_memory() override;
  [[nodiscard]] int side_multiple() const override { return side_multiple_; }
  [[nodiscard]] std::size_t weight_bytes() const override { return store_.bytes() + noise_bytes_; }
  [[nodiscard]] std::size_t arena_bytes() const override { return arena_.size() * sizeof(float); }

 private:
  struct Layer {
    const float* depthwise = nullptr;  ///< [blocks][9][block]
    const float* bias = nullptr;       ///< [blocks][block]
    PackedConv pointwise;              ///< without a bias
    Noise noise;
  };
  struct Level {
    Layer encoder[2], synthesis[2];
    PackedConv to_rgb;
  };

  Layer pack(const Separable& layer, int side, Packer& packer);
  const float* per_channel(const std::vector<float>& values, int channels, int count);
  void prepare(Size size, int images);

  template <class Rows, class Finish>
  void separable(LayerClass kind, const Layer& layer, const Rows& rows, bool halve, const TileSize& largest,
                 const Window& window, const MiganOutput& output, const Finish& finish);
  template <class Rows>
  void mix(const Layer& layer, Rows& rows, bool halve, const MiganTile& tile, const MiganScratch& s,
           const MiganOutput& output) const;
  void activate(const Layer& layer, const View* add, const MiganTile& tile, const MiganScratch& s,
                const MiganOutput& output) const;
  void encode(std::span<const Source> sources);
  void synthesize_first(std::size_t i, const Window& window);
  static Window mixed_window(const Window& w, const View& map);
  [[nodiscard]] std::vector<Window> windows_of(std::span<const Target> targets) const;
  template <class Finish>
  void synthesize_second(std::size_t i, const Window& window, const MiganOutput& output, const Finish& finish);
  void synthesize(std::size_t i, const Window& window);
  [[nodiscard]] const float* colours(const Level& level, const MiganTile& tile, const MiganScratch& s,
                                     const MiganOutput& from) const;
  void add_coarser(const View& coarser, int image, int y, int x0, const float* own, float* out, int columns) const;
  std::optional<std::size_t> finish(const Window& window, std::span<const Target> targets);
  std::optional<std::size_t> decode(std::span<const Target> targets);

  const Kernels& kernels_;
  Pool& pool_;
  Stages stages_;
  Store store_;
  int side_multiple_;
  std::size_t noise_bytes_ = 0;
  std::vector<int> channels_;
  const float* from_rgb_ = nullptr;  ///< [blocks][4][block]
  const float* from_bias_ = nullptr;
  std::vector<Level> levels_;
  std::vector<Stride> offsets_;         ///< of the blocks of a product's input
  std::vector<Stride> colour_offsets_;  ///< of the blocks of a level's result
  std::unique_ptr<MiganPlan> plan_;     ///< the plan for the last size and batch, bound to arena_, or null
  Buffer arena_;
};

}  // namespace inpaintd::cpu
