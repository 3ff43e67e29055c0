// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "models/inpainter.h"

namespace inpaintd::tools {

/// Generated pictures with flat areas, edges, waves and noise, and masks with a hole over about a fifth of the picture.
/// All pictures differ. The same seed gives the same pictures on every machine.
class Pictures {
 public:
  explicit Pictures(std::uint32_t seed) : bits_(seed) {}

  /// Draws `count` new pictures, which replace the earlier ones.
  void draw(Size size, int count);

  [[nodiscard]] std::size_t count() const { return images_.size(); }
  [[nodiscard]] NetworkInput input(std::size_t i) const { return {&images_[i], &masks_[i]}; }
  /// The first `count` pictures.
  [[nodiscard]] std::vector<NetworkInput> batch(int count) const;
  [[nodiscard]] const Pixels& mask(std::size_t i) const { return masks_[i]; }

 private:
  void draw_image(Size size);
  void draw_mask(Size size);

  std::mt19937 bits_;
  std::vector<Pixels> images_;
  std::vector<Pixels> masks_;
};

}  // namespace inpaintd::tools
