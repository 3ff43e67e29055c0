// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/network_input.h"
#include "core/pixels.h"
#include "models/cpu/forward.h"
#include "models/cpu/plan.h"
#include "models/cpu/stages.h"

namespace inpaintd::cpu {

/// LaMa.
class Network final : public Forward {
 public:
  /// Packs the weights; `model` may be freed afterwards. Throws std::bad_alloc.
  Network(const FoldedLama& model, const Kernels& kernels, Pool& pool);
  ~Network() override;

  std::optional<std::size_t> run(std::span<const Source> sources, Size size, std::span<const Target> targets,
                                 Profile* profile) override;
  void release_memory() override;
  [[nodiscard]] int side_multiple() const override { return network_side_multiple; }
  [[nodiscard]] std::size_t weight_bytes() const override { return store_.bytes(); }
  [[nodiscard]] std::size_t arena_bytes() const override { return arena_.size() * sizeof(float); }

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
