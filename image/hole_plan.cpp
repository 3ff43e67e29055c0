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

/// Shrinks the windows of holes that are wider than the network fills well. homes[i] is the index of the run that
/// answers for parts[i].
void shrink_wide(std::vector<Placement>& runs, const std::vector<std::size_t>& homes, const std::vector<Rect>& parts,
                 const Pixels& mask, const TilingLimits& limits) {
  const int width_max = limits.network.hole_width_max;
  const auto may_be_wide = [width_max](const Rect& part) { return std::min(part.width, part.height) > width_max; };
  if (width_max == 0 || std::none_of(parts.begin(), parts.end(), may_be_wide)) return;
  const std::vector<double> widths = hole_widths(mask, parts);
  for (std::size_t i = 0; i < parts.size(); ++i) runs[homes[i]] = shrunk_for(widths[i], runs[homes[i]], limits);
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
  std::vector<Placement> runs = plan_runs(size, holes, options.strategy, limits);
  // A single window fills the whole box of the mask with one patch.
  const std::vector<Rect> parts = runs.size() == 1 ? std::vector<Rect>{plan.box} : holes;
  std::vector<std::size_t> homes;
  homes.reserve(parts.size());
  for (const Rect& part : parts) homes.push_back(home_run(part, runs, size, limits));
  if (options.strategy != Strategy::whole) shrink_wide(runs, homes, parts, plan.mask, limits);
  for (const Placement& run : runs) plan.tiles.push_back(plan_tile(plan.mask, run));
  for (std::size_t i = 0; i < parts.size(); ++i) add_patch(plan, parts[i], homes[i], runs[homes[i]], options.feather);
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
