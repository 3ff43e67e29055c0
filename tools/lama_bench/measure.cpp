// SPDX-License-Identifier: Apache-2.0
#include "tools/lama_bench/measure.h"

#include <algorithm>
#include <chrono>

#include "tools/shared/statistics.h"

namespace inpaintd::tools {
namespace {

void run_once(const Contender& contender, std::span<const NetworkInput> batch, bool counts, Row& row) {
  const auto before = counts ? contender.inpainter->profile() : std::vector<LayerCost>{};
  const auto start = std::chrono::steady_clock::now();
  const auto answers = contender.inpainter->run(batch);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  if (!answers) row.failure = answers.error().message;
  if (!answers || !counts) return;
  row.seconds.push_back(took.count());
  const auto more = difference(contender.inpainter->profile(), before);
  if (row.costs.empty()) return void(row.costs = more);
  for (std::size_t i = 0; i < more.size(); ++i) {
    row.costs[i].seconds += more[i].seconds;
    row.costs[i].flops += more[i].flops;
  }
}

}  // namespace

double Row::images_per_s() const {
  return seconds.empty() ? std::numeric_limits<double>::quiet_NaN() : batch / median(seconds);
}

std::vector<LayerCost> difference(const std::vector<LayerCost>& after, const std::vector<LayerCost>& before) {
  std::vector<LayerCost> costs = after;
  for (LayerCost& cost : costs)
    for (const LayerCost& earlier : before)
      if (earlier.name == cost.name) {
        cost.seconds -= earlier.seconds;
        cost.flops -= earlier.flops;
      }
  return costs;
}

std::vector<Row> measure(std::span<const Contender> contenders, Pictures& pictures, Size size, int batch, int repeat) {
  std::vector<Row> rows;
  for (const Contender& c : contenders) {
    Row& row = rows.emplace_back(
        Row{.engine = c.label(), .precision = std::string(name(c.precision)), .size = size, .batch = batch});
    row.isa = c.isa;
    row.failure = c.refusal;
    if (!c.inpainter) continue;
    row.model = c.inpainter->model_name();
    row.device = c.inpainter->device_name();
  }
  for (int round = 0; round <= repeat; ++round) {
    pictures.draw(size, batch);
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (rows[i].failure.empty()) run_once(contenders[i], pictures.batch(batch), round > 0, rows[i]);
  }
  return rows;
}

void set_ratios(std::vector<Row>& rows) {
  for (Row& row : rows)
    row.ratio = row.images_per_s() / std::find_if(rows.begin(), rows.end(), [&](const Row& first) {
                                       return first.size == row.size;
                                     })->images_per_s();
}

}  // namespace inpaintd::tools
