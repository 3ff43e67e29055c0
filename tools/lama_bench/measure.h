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

/// One contender at one size and batch.
struct Row {
  std::string engine, precision, model, device;
  Size size;
  int batch = 0;
  std::vector<double> seconds;                              ///< of each measured run of the batch; empty when it failed
  std::vector<LayerCost> costs;                             ///< of all measured runs, with --profile
  std::string isa;                                          ///< as asked for
  double ratio = std::numeric_limits<double>::quiet_NaN();  ///< of images per second to the first row of this size
  std::string failure;

  [[nodiscard]] double images_per_s() const;
};

/// What `after` holds beyond `before`, class by class.
std::vector<LayerCost> difference(const std::vector<LayerCost>& after, const std::vector<LayerCost>& before);

/// One row per contender for one size and batch: they take turns on the same pictures, new ones each time, so that a
/// busy machine disturbs all alike. The first turn is not counted. A contender that fails leaves the others alone.
std::vector<Row> measure(std::span<const Contender> contenders, Pictures& pictures, Size size, int batch, int repeat);

/// Fills in the ratios of `rows`, the first of which with a given size is 1.
void set_ratios(std::vector<Row>& rows);

}  // namespace inpaintd::tools
