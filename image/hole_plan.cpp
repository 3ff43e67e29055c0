// SPDX-License-Identifier: Apache-2.0
#include "image/hole_plan.h"

#include <utility>
#include <vector>

#include "image/mat.h"

namespace inpaintd {
namespace {

/// Adds the patch that fills `hole` from the window that was planned for it. Windows overlap, and one may contain only
/// a part of a hole that belongs to another one.
void add_patch(HolePlan& plan, const Rect& hole, std::size_t home, const Placement& run, int feather) {
  Tile& tile = plan.tiles[home];
  Patch patch = make_patch(plan.mask, from_cv(to_cv(hole) & to_cv(tile.window)), home, feather);
  const Rect need = needed_part(run, patch.area);
  tile.need = tile.need.empty() ? need : from_cv(to_cv(tile.need) | to_cv(need));
  plan.patches.push_back(std::move(patch));
}

}  // namespace

HolePlan plan_holes(Pixels mask, const Options& options, const TilingLimits& limits) {
  HolePlan plan;
  if (options.dilate > 0) mask = dilate(mask, options.dilate);
  plan.mask = std::move(mask);
  plan.box = bounding_box(plan.mask);
  if (plan.box.empty()) return plan;

  const Size size = plan.mask.size();
  const bool crops = resolve(options.strategy) == Strategy::crop;
  const std::vector<Rect> holes = crops ? find_holes(plan.mask) : std::vector<Rect>{plan.box};
  const std::vector<Placement> runs = plan_runs(size, holes, options.strategy, limits);
  for (const Placement& run : runs) plan.tiles.push_back(plan_tile(plan.mask, run));
  // A single window fills the whole box of the mask with one patch.
  for (const Rect& hole : runs.size() == 1 ? std::vector<Rect>{plan.box} : holes) {
    const std::size_t home = home_run(hole, runs, size, limits);
    add_patch(plan, hole, home, runs[home], options.feather);
  }
  return plan;
}

std::size_t bytes_of(const HolePlan& plan) {
  std::size_t bytes = sizeof(HolePlan) + plan.mask.bytes.size();
  for (const Tile& tile : plan.tiles) bytes += sizeof(Tile) + tile.mask->bytes.size();
  for (const Note& note : plan.notes) bytes += sizeof(Note) + note.code.size() + note.message.size();
  for (const Patch& patch : plan.patches) bytes += sizeof(Patch) + patch.weights.size() * sizeof(float);
  return bytes;
}

}  // namespace inpaintd
