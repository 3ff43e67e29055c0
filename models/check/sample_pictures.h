// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "models/inpainter.h"

namespace inpaintd {

/// A few pictures with holes, always the same: gradients, edges, textures, noise. Engines are checked with them at
/// start.
class SamplePictures {
 public:
  explicit SamplePictures(Size size = {192, 128});
  /// All pictures as one batch, which refers to this object.
  [[nodiscard]] std::vector<NetworkInput> batch() const;

 private:
  std::vector<Pixels> images_;
  std::vector<Pixels> masks_;
};

}  // namespace inpaintd
