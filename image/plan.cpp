// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "image/geometry.h"

namespace inpaintd {
namespace {

constexpr int canonical_step = 256;
constexpr std::size_t windows_max = 64;

int long_side(const Rect& rect) { return std::max(rect.width, rect.height); }

int canonical(int side) { return (side + canonical_step - 1) / canonical_step * canonical_step; }

int largest_window(const TilingLimits& limits) {
  return std::max(canonical_step, limits.window_max / canonical_step * canonical_step);
}

Rect with_context(const Rect& hole, const TilingLimits& limits) {
  const int margin = std::max(limits.context_min, static_cast<int>(std::ceil(limits.context * long_side(hole))));
  return {hole.x - margin, hole.y - margin, hole.width + 2 * margin, hole.height + 2 * margin};
}

Rect unite(const Rect& a, const Rect& b) {
  const int x = std::min(a.x, b.x), y = std::min(a.y, b.y);
  return {x, y, std::max(a.right(), b.right()) - x, std::max(a.bottom(), b.bottom()) - y};
}

/// The window around `wanted`, which is a box with its context.
Rect place(const Rect& wanted, int largest, Size picture) {
  const int side = std::min(canonical(long_side(wanted)), largest);
  const int width = std::min(side, picture.width), height = std::min(side, picture.height);
  return {std::clamp(wanted.x + wanted.width / 2 - width / 2, 0, picture.width - width),
          std::clamp(wanted.y + wanted.height / 2 - height / 2, 0, picture.height - height), width, height};
}

std::int64_t cost(const Rect& wanted, int largest) {
  const std::int64_t side = std::min(canonical(long_side(wanted)), largest);
  return side * side;
}

/// Boxes with context, each for one window. `tight` fills every window as far as it holds.
std::vector<Rect> group(std::span<const Rect> holes, const TilingLimits& limits, int largest, bool tight) {
  std::vector<Rect> groups;
  for (const Rect& hole : holes) {
    const Rect wanted = with_context(hole, limits);
    const auto shared = std::find_if(groups.begin(), groups.end(), [&](const Rect& other) {
      const Rect both = unite(other, wanted);
      return long_side(both) <= largest &&
             (tight || cost(both, largest) <= cost(other, largest) + cost(wanted, largest));
    });
    if (shared == groups.end())
      groups.push_back(wanted);
    else
      *shared = unite(*shared, wanted);
  }
  return groups;
}

/// Without the windows that answer for no hole.
std::vector<Rect> used(const std::vector<Rect>& windows, std::span<const Rect> holes, Size picture) {
  std::vector<bool> needed(windows.size());
  for (const Rect& hole : holes) needed[home_window(hole, windows, picture)] = true;
  std::vector<Rect> result;
  for (std::size_t i = 0; i < windows.size(); ++i)
    if (needed[i]) result.push_back(windows[i]);
  return result;
}

/// Nothing when the holes do not fit.
std::optional<std::vector<Placement>> plan_crops(Size picture, std::span<const Rect> holes,
                                                 const TilingLimits& limits) {
  const int largest = largest_window(limits);
  if (std::any_of(holes.begin(), holes.end(), [&](const Rect& hole) { return long_side(hole) > largest; }))
    return std::nullopt;
  for (const bool tight : {false, true}) {
    std::vector<Rect> windows;
    for (const Rect& wanted : group(holes, limits, largest, tight)) windows.push_back(place(wanted, largest, picture));
    windows = used(windows, holes, picture);
    if (windows.size() > windows_max) continue;
    std::vector<Placement> runs;
    for (const Rect& window : windows) runs.push_back({window, {window.width, window.height}});
    return runs;
  }
  return std::nullopt;
}

Placement shrunk(Size picture, int side_max) {
  const int side = std::max(picture.width, picture.height);
  const double factor = std::min(1.0, static_cast<double>(side_max) / side);
  const auto scale = [&](int length) { return std::max(1, static_cast<int>(std::lround(length * factor))); };
  return {{0, 0, picture.width, picture.height}, {scale(picture.width), scale(picture.height)}};
}

}  // namespace

Strategy resolve(Strategy strategy, Size picture, const TilingLimits& limits) {
  if (strategy != Strategy::automatic) return strategy;
  const bool fits = std::max(picture.width, picture.height) <= limits.whole_side_max &&
                    std::int64_t{picture.width} * picture.height <= limits.whole_pixels_max;
  return fits ? Strategy::whole : Strategy::crop;
}

Size largest_run(Size picture, Strategy strategy, const TilingLimits& limits) {
  if (resolve(strategy, picture, limits) == Strategy::whole) return picture;
  const int side = std::max(largest_window(limits), limits.window_max);
  return {std::min(picture.width, side), std::min(picture.height, side)};
}

std::size_t home_window(const Rect& hole, std::span<const Rect> windows, Size picture) {
  const auto context = [&](const Rect& window) {
    constexpr int plenty = std::numeric_limits<int>::max();  // where the picture ends, no window shows more
    return std::min({window.x == 0 ? plenty : hole.x - window.x, window.y == 0 ? plenty : hole.y - window.y,
                     window.right() == picture.width ? plenty : window.right() - hole.right(),
                     window.bottom() == picture.height ? plenty : window.bottom() - hole.bottom()});
  };
  const auto best = std::max_element(windows.begin(), windows.end(),
                                     [&](const Rect& a, const Rect& b) { return context(a) < context(b); });
  return static_cast<std::size_t>(best - windows.begin());
}

std::vector<Placement> plan_runs(Size picture, std::span<const Rect> holes, Strategy strategy,
                                 const TilingLimits& limits) {
  if (holes.empty()) return {};
  strategy = resolve(strategy, picture, limits);
  if (strategy == Strategy::whole) return {{{0, 0, picture.width, picture.height}, picture}};
  if (strategy == Strategy::crop)
    if (auto runs = plan_crops(picture, holes, limits)) return *std::move(runs);
  return {shrunk(picture, limits.window_max)};
}

}  // namespace inpaintd
