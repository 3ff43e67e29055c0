// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/pixels.h"
#include "models/cpu/plan.h"
#include "models/cpu/stages.h"

namespace inpaintd::cpu {

/// One picture, [height][width][3], and its mask, [height][width], both without gaps between rows. A mask sample above
/// 127 is a hole.
struct Source {
  const std::uint8_t* image = nullptr;
  const std::uint8_t* mask = nullptr;
};

/// The memory for one prediction, [height][width][3]: as bytes, as floats 0..1, or both.
struct Target {
  std::uint8_t* bytes = nullptr;
  float* values = nullptr;
  Rect need{};  ///< the part to compute and write; empty means the whole picture
};

/// The weights of a whole network for one kernel set, and the order of its layers. Used by one thread at a time.
class Network {
 public:
  /// Packs the weights; `model` may be freed afterwards. Throws std::bad_alloc.
  Network(const FoldedLama& model, const Kernels& kernels, Pool& pool);
  ~Network();

  /// Runs a batch of pictures of one size, and writes each prediction where its target needs it. Returns the index of
  /// the first prediction that holds a NaN, if any does. Throws std::bad_alloc if memory runs out; the arena may then
  /// be freed, and the next run starts anew.
  std::optional<std::size_t> run(std::span<const Source> sources, Size size, std::span<const Target> targets,
                                 Profile* profile);

  /// Gives the arena back to the system; the next run allocates a new one.
  void release_memory();

  [[nodiscard]] std::size_t weight_bytes() const { return store_.bytes(); }
  [[nodiscard]] std::size_t arena_bytes() const { return arena_.size() * sizeof(float); }

 private:
  struct Layer {
    PackedWinograd to_local;
    PackedWinograd local_to_global;
    PackedConv conv1;
    PackedConv spectral;
    PackedConv conv2;
  };
  struct Need;

  void prepare(Size size, int images);
  void encode(std::span<const Source> sources);
  void ffc(const Layer& layer, const View& in, const View* residual, const View& out);
  [[nodiscard]] std::vector<Need> needs_of(std::span<const Target> targets) const;
  std::optional<std::size_t> decode(std::span<const Target> targets);

  LamaShape shape_;
  const Kernels& kernels_;
  Pool& pool_;
  Stages stages_;
  Store store_;
  PackedConv first_;
  PackedConv down_[3];
  std::vector<Layer> layers_;
  PackedUp up_[3];
  PackedConv last_;
  const float* last_bias_ = nullptr;
  std::unique_ptr<Plan> plan_;  ///< the plan for the last size and batch, bound to arena_, or null
  Buffer arena_;
};

}  // namespace inpaintd::cpu
