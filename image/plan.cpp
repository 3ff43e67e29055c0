// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <tuple>

#include "image/geometry.h"

namespace inpaintd {
namespace {

constexpr std::size_t windows_max = 64;

int long_side(const Rect& rect) { return std::max(rect.width, rect.height); }
int long_side(Size size) { return std::max(size.width, size.height); }

int largest_side(const TilingLimits& limits) { return limits.ladder().back(); }

/// The smallest side of the ladder that is at least `side`, or the largest side of the ladder if none is.
int ladder_side(int side, const TilingLimits& limits) {
  const std::vector<int>& ladder = limits.ladder();
  const auto found = std::lower_bound(ladder.begin(), ladder.end(), side);
  return found == ladder.end() ? largest_side(limits) : *found;
}

int margin_of(const Rect& hole, const TilingLimits& limits) {
  return std::max(limits.context_min, static_cast<int>(std::ceil(limits.context * long_side(hole))));
}

/// The hole and its margin, as far as the picture has pixels.
Rect with_margin(const Rect& hole, Size picture, const TilingLimits& limits) {
  const int margin = margin_of(hole, limits);
  const int x = std::max(0, hole.x - margin), y = std::max(0, hole.y - margin);
  return {x, y, std::min(picture.width, hole.right() + margin) - x,
          std::min(picture.height, hole.bottom() + margin) - y};
}

Rect unite(const Rect& a, const Rect& b) {
  const int x = std::min(a.x, b.x), y = std::min(a.y, b.y);
  return {x, y, std::max(a.right(), b.right()) - x, std::max(a.bottom(), b.bottom()) - y};
}

/// The run of `window`: shrunk to the largest side of the ladder if it is larger, at the smallest side that holds it.
Placement placed(const Rect& window, const TilingLimits& limits) {
  const double factor = std::min(1.0, static_cast<double>(largest_side(limits)) / long_side(window));
  const auto scale = [&](int length) { return std::max(1, static_cast<int>(std::lround(length * factor))); };
  const Size scaled{scale(window.width), scale(window.height)};
  const int side = ladder_side(long_side(scaled), limits);
  return {window, scaled, {side, side}};
}

/// The run for `wanted`, a box with its margin: a square window around it, moved and clipped to lie inside the picture,
/// so that the picture's own pixels fill the square where it has them.
Placement run_around(const Rect& wanted, Size picture, const TilingLimits& limits) {
  const int side = std::max(long_side(wanted), ladder_side(long_side(wanted), limits));
  const int width = std::min(side, picture.width), height = std::min(side, picture.height);
  return placed({std::clamp(wanted.x + wanted.width / 2 - width / 2, 0, picture.width - width),
                 std::clamp(wanted.y + wanted.height / 2 - height / 2, 0, picture.height - height), width, height},
                limits);
}

/// The pixels that the network computes for `wanted`.
std::int64_t cost(const Rect& wanted, const TilingLimits& limits) {
  const std::int64_t side = ladder_side(long_side(wanted), limits);
  return side * side;
}

/// Boxes with their margins, one for each window. Holes share a window if that costs no more pixels, or, with `tight`,
/// if the largest window holds them. A box that is too large for every window stays alone.
std::vector<Rect> group(Size picture, std::span<const Rect> holes, const TilingLimits& limits, bool tight) {
  std::vector<Rect> groups;
  const auto share = [&](const Rect& a, const Rect& b) {
    const Rect both = unite(a, b);
    return long_side(both) <= largest_side(limits) &&
           (tight || cost(both, limits) <= cost(a, limits) + cost(b, limits));
  };
  Rect everything = with_margin(holes.front(), picture, limits);
  for (const Rect& hole : holes) {
    const Rect wanted = with_margin(hole, picture, limits);
    everything = unite(everything, wanted);
    const auto shared =
        std::find_if(groups.begin(), groups.end(), [&](const Rect& each) { return share(each, wanted); });
    if (shared == groups.end())
      groups.push_back(wanted);
    else
      *shared = unite(*shared, wanted);
  }
  // One window for all groups may be cheaper even if no two groups are close enough to share one.
  std::int64_t total = 0;
  for (const Rect& each : groups) total += cost(each, limits);
  if (long_side(everything) <= largest_side(limits) && cost(everything, limits) <= total) return {everything};
  return groups;
}

/// The runs without those that fill no hole.
std::vector<Placement> used(const std::vector<Placement>& runs, std::span<const Rect> holes, Size picture,
                            const TilingLimits& limits) {
  std::vector<bool> needed(runs.size());
  for (const Rect& hole : holes) needed[home_run(hole, runs, picture, limits)] = true;
  std::vector<Placement> result;
  for (std::size_t i = 0; i < runs.size(); ++i)
    if (needed[i]) result.push_back(runs[i]);
  return result;
}

/// Returns nothing if there would be too many windows.
std::optional<std::vector<Placement>> plan_crops(Size picture, std::span<const Rect> holes,
                                                 const TilingLimits& limits) {
  for (const bool tight : {false, true}) {
    std::vector<Placement> runs;
    for (const Rect& wanted : group(picture, holes, limits, tight)) runs.push_back(run_around(wanted, picture, limits));
    runs = used(runs, holes, picture, limits);
    if (runs.size() <= windows_max) return runs;
  }
  return std::nullopt;
}

}  // namespace

Strategy resolve(Strategy strategy) { return strategy == Strategy::automatic ? Strategy::crop : strategy; }

Size largest_run(Size picture, Strategy strategy, const TilingLimits& limits) {
  if (strategy == Strategy::whole) return padded(picture, limits.network);
  const int side = ladder_side(long_side(picture), limits);
  return {side, side};
}

Placement shrunk_for(double width, Placement run, const TilingLimits& limits) {
  if (limits.network.hole_width_max == 0) return run;
  const double scale = static_cast<double>(long_side(run.scaled)) / long_side(run.window);
  const double wanted = long_side(run.scaled) * limits.network.hole_width_max / (width * scale);
  if (wanted >= long_side(run.scaled)) return run;
  const std::vector<int>& ladder = limits.ladder();
  const auto above = std::upper_bound(ladder.begin(), ladder.end(), static_cast<int>(wanted));
  const int side = above == ladder.begin() ? ladder.front() : *(above - 1);
  if (side >= long_side(run.scaled)) return run;
  const auto scaled = [&](int length) {
    return std::max(1, static_cast<int>(std::lround(static_cast<double>(length) * side / long_side(run.window))));
  };
  return {run.window, {scaled(run.window.width), scaled(run.window.height)}, {side, side}};
}

std::size_t home_run(const Rect& hole, std::span<const Placement> runs, Size picture, const TilingLimits& limits) {
  const auto value = [&](const Placement& run) {
    constexpr int plenty =
        std::numeric_limits<int>::max();  // at the edge of the picture, because no window can show more
    const Rect& window = run.window;
    const int margin = std::min({window.x == 0 ? plenty : hole.x - window.x, window.y == 0 ? plenty : hole.y - window.y,
                                 window.right() == picture.width ? plenty : window.right() - hole.right(),
                                 window.bottom() == picture.height ? plenty : window.bottom() - hole.bottom()});
    const double scale = static_cast<double>(long_side(run.scaled)) / long_side(window);
    return std::tuple(std::min(margin, margin_of(hole, limits)), scale, margin);
  };
  const auto best = std::max_element(runs.begin(), runs.end(),
                                     [&](const Placement& a, const Placement& b) { return value(a) < value(b); });
  return static_cast<std::size_t>(best - runs.begin());
}

std::vector<Placement> plan_runs(Size picture, std::span<const Rect> holes, Strategy strategy,
                                 const TilingLimits& limits) {
  if (holes.empty()) return {};
  const Rect everything{0, 0, picture.width, picture.height};
  if (strategy == Strategy::whole) return {{everything, picture, padded(picture, limits.network)}};
  if (resolve(strategy) == Strategy::crop)
    if (auto runs = plan_crops(picture, holes, limits)) return *std::move(runs);
  return {placed(everything, limits)};
}

}  // namespace inpaintd
