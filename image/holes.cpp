// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <tuple>

#include "image/geometry.h"
#include "image/mat.h"
#include "image/shrink.h"

namespace inpaintd {
namespace {

constexpr int holes_max = 256;

/// The source samples [first, last) that lie under sample `index` when `from` samples become `to`.
std::pair<int, int> span_under(int index, int from, int to) {
  const auto edge = [&](int i, int round) {
    return static_cast<int>((static_cast<std::int64_t>(i) * from + round) / to);
  };
  return {edge(index, 0), edge(index + 1, to - 1)};
}

/// The boxes of the connected holes that were found in a mask shrunk to `coarse`, as tight boxes in pixels of `mask`.
std::vector<Rect> boxes_of(const cv::Mat& stats, Size coarse, const Pixels& mask) {
  std::vector<Rect> boxes;
  for (int label = 1; label < stats.rows; ++label) {  // label 0 is the known pixels
    const int* box = stats.ptr<int>(label);
    const int left = span_under(box[cv::CC_STAT_LEFT], mask.width, coarse.width).first;
    const int top = span_under(box[cv::CC_STAT_TOP], mask.height, coarse.height).first;
    const int right = span_under(box[cv::CC_STAT_LEFT] + box[cv::CC_STAT_WIDTH] - 1, mask.width, coarse.width).second;
    const int bottom =
        span_under(box[cv::CC_STAT_TOP] + box[cv::CC_STAT_HEIGHT] - 1, mask.height, coarse.height).second;
    const Rect tight = bounding_box(crop(mask, {left, top, right - left, bottom - top}));
    boxes.push_back({left + tight.x, top + tight.y, tight.width, tight.height});
  }
  return boxes;
}

/// Unites overlapping boxes until all boxes are disjoint.
void unite(std::vector<Rect>& boxes) {
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    for (std::size_t j = 0; j < boxes.size(); ++j) {
      if (i == j || (to_cv(boxes[i]) & to_cv(boxes[j])).empty()) continue;
      boxes[i] = from_cv(to_cv(boxes[i]) | to_cv(boxes[j]));
      boxes.erase(boxes.begin() + static_cast<std::ptrdiff_t>(j));
      i = static_cast<std::size_t>(-1);  // the united box may overlap any other box
      break;
    }
  }
}

}  // namespace

Pixels shrink_mask(const Pixels& mask, const Rect& part, Size scaled) {
  Pixels result(scaled.width, scaled.height, 1);
  std::vector<std::uint8_t> any(static_cast<std::size_t>(part.width));
  for (int y = 0; y < scaled.height; ++y) {
    std::fill(any.begin(), any.end(), 0);
    const auto [top, bottom] = span_under(y, part.height, scaled.height);
    for (int line = top; line < bottom; ++line) {
      const std::uint8_t* from = mask.row(part.y + line) + part.x;
      for (std::size_t x = 0; x < any.size(); ++x) any[x] |= from[x];
    }
    for (int x = 0; x < scaled.width; ++x) {
      const auto [left, right] = span_under(x, part.width, scaled.width);
      result.row(y)[x] = *std::max_element(any.begin() + left, any.begin() + right);
    }
  }
  return result;
}

std::vector<Rect> find_holes(const Pixels& mask) {
  Pixels coarse;
  Size size = mask.size();
  cv::Mat labels, stats, centres;
  while (true) {
    const bool shrunk = size != mask.size();
    if (shrunk) coarse = shrink_mask(mask, {0, 0, mask.width, mask.height}, size);
    if (std::max(size.width, size.height) <= hole_search_side_max &&
        cv::connectedComponentsWithStats(view(shrunk ? coarse : mask), labels, stats, centres, 8) - 1 <= holes_max)
      break;
    size = {(size.width + 1) / 2, (size.height + 1) / 2};
  }
  auto boxes = boxes_of(stats, size, mask);
  unite(boxes);
  std::sort(boxes.begin(), boxes.end(),
            [](const Rect& a, const Rect& b) { return std::tie(a.y, a.x) < std::tie(b.y, b.x); });
  return boxes;
}

}  // namespace inpaintd
