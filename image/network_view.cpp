// SPDX-License-Identifier: Apache-2.0
#include "image/network_view.h"

#include <memory>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "image/colour_conversion.h"
#include "image/extend.h"
#include "image/geometry.h"
#include "image/mat.h"

namespace inpaintd {
namespace {

bool has_hidden_pixels(const Picture& picture, const Rect& window) {
  if (picture.alpha.empty()) return false;
  double least = 0;
  cv::minMaxLoc(view(picture.alpha)(to_cv(window)), &least);
  return least == 0;
}

/// The known pixels of a tile under which no pixel of the picture is fully transparent.
Pixels visible_pixels(const Tile& tile, const Pixels& alpha) {
  constexpr std::uint8_t all = 255;
  Pixels visible(alpha.width, alpha.height, 1);
  const cv::Rect window = to_cv(tile.window);
  cv::Mat part = view(visible)(window);
  cv::compare(view(alpha)(window), 0, part, cv::CMP_GT);
  visible = *cut_image(visible, tile);
  cv::threshold(view(visible), view(visible), all - 1, all, cv::THRESH_BINARY);
  view(visible).setTo(0, view(*tile.mask));
  return visible;
}

}  // namespace

void show(Tile& tile, const Picture& picture) {
  tile.image = cut_image(picture.rgb, tile);
  const bool hidden = has_hidden_pixels(picture, tile.window);
  if (!hidden && !picture.colours) return;
  auto image = std::make_shared<Pixels>(*tile.image);
  if (hidden) extend(*image, visible_pixels(tile, picture.alpha));
  if (picture.colours) {
    tile.wide = is_wide(view(*image), *picture.colours);
    to_network(view(*image), *picture.colours, tile.wide);
  }
  tile.image = std::move(image);
}

}  // namespace inpaintd
