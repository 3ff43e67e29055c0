// SPDX-License-Identifier: Apache-2.0
#include "image/network_view.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

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

/// Replaces the colours of fully transparent pixels by those of the visible known pixels around them.
void hide(Pixels& rgb, const Picture& picture, const Pixels& holes, const Rect& window) {
  const Pixels known = crop(holes, window);
  Pixels visible = crop(picture.alpha, window);
  view(visible).setTo(0, view(known));
  extend(rgb, visible);
}

}  // namespace

void show(Tile& tile, const Picture& picture, const Pixels& holes) {
  const bool hidden = has_hidden_pixels(picture, tile.window);
  if (!hidden && !picture.colours) {
    tile.image = cut_image(picture.rgb, tile);
    return;
  }
  Pixels part = crop(picture.rgb, tile.window);
  if (hidden) hide(part, picture, holes, tile.window);
  if (picture.colours) {
    tile.wide = is_wide(view(part), *picture.colours);
    to_network(view(part), *picture.colours, tile.wide);
  }
  Tile own = tile;
  own.window = {0, 0, part.width, part.height};
  tile.image = cut_image(part, own);
}

}  // namespace inpaintd
