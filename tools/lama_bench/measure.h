// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <span>
#include <string>
#include <vector>

#include "models/inpainter.h"
#include "tools/lama_bench/engines.h"
#include "tools/lama_bench/pictures.h"

namespace inpaintd::tools {

/// The speed of one contender at one size and batch size.
struct Row {
  std::string engine, precision, model, device;
  Size size;
  int batch = 0;
  std::vector<double> seconds;   ///< of each measured run of the batch; empty after a failure
  std::vector<LayerCost> costs;  ///< sums over all measured runs, with --profile
  Isa isa = Isa::automatic;      ///< as in the options
  double ratio =
      std::numeric_limits<double>::quiet_NaN();  ///< images per second, relative to the first row of this size
  std::string failure;

  [[nodiscard]] double images_per_s() const;
};

/// The costs in `after` minus those in `before`, by class of layers.
std::vector<LayerCost> difference(const std::vector<LayerCost>& after, const std::vector<LayerCost>& before);

/// Measures one row per contender at one size and batch size. The contenders take turns, so that other load on the
/// machine slows all of them alike. Each turn has new pictures, the same for all contenders; the first turn is not
/// counted. The failure of a contender does not affect the others.
std::vector<Row> measure(std::span<const Contender> contenders, Pictures& pictures, Size size, int batch, int repeat);

/// Sets the ratios of `rows`; the first row of each size has ratio 1.
void set_ratios(std::vector<Row>& rows);

}  // namespace inpaintd::tools
