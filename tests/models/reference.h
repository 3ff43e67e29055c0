// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <complex>
#include <vector>

#include "models/lama/weights.h"

// A second implementation of the network in float64: loops over the sums of the papers, without libraries, sharing only
// the weights with the engines. It is slow, and meant for maps of a few pixels.
namespace inpaintd::reference {

struct Map {
  int channels = 0;
  int height = 0;
  int width = 0;
  std::vector<double> values;

  Map(int channels, int height, int width);
  double& at(int c, int y, int x);
  [[nodiscard]] double at(int c, int y, int x) const;
};

using Spectrum = std::vector<std::complex<double>>;  ///< [height, width / 2 + 1] of one channel

/// One channel's two-dimensional DFT, divided by sqrt(height * width); columns 0..width/2.
Spectrum forward_dft(const Map& map, int channel);

/// Complex inverse DFT along the columns, then along each row the real signal whose spectrum that is, taking the real
/// part alone of column 0 and, for an even width, of column width / 2.
std::vector<double> inverse_dft(const Spectrum& spectrum, int height, int width);

/// image [3,H,W] in 0..1 and mask [1,H,W] -> prediction [3,H,W].
Map predict(const LamaWeights& weights, const Map& image, const Map& mask);

}  // namespace inpaintd::reference
