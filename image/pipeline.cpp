// SPDX-License-Identifier: Apache-2.0
#include "image/pipeline.h"

#include <opencv2/imgproc.hpp>
#include <utility>

#include "image/formats.h"
#include "image/mat.h"

namespace inpaintd {
namespace {

template <class T>
T value_of(Result<T> result) {
  if (!result) throw Refused{std::move(result.error())};
  return std::move(*result);
}

Rect whole_of(Size size) { return {0, 0, size.width, size.height}; }

/// What each tile has to answer for: the holes that are taken from it.
void state_needs(std::vector<Tile>& tiles, const std::vector<Rect>& holes, Size picture) {
  std::vector<Rect> windows;
  for (const Tile& tile : tiles) windows.push_back(tile.window);
  for (const Rect& hole : holes) {
    Tile& tile = tiles[home_window(hole, windows, picture)];
    const Rect part = needed_part({tile.window, tile.scaled}, hole);
    tile.need = tile.need.empty() ? part : from_cv(to_cv(tile.need) | to_cv(part));
  }
}

void plan_tiles(Input& input, const TilingLimits& limits) {
  const Rect box = bounding_box(input.mask);
  if (box.empty()) return;
  const auto& rgb = input.picture.rgb;
  const bool crops = resolve(input.options.strategy, rgb.size(), limits) == Strategy::crop;
  const std::vector<Rect> holes = crops ? find_holes(input.mask) : std::vector<Rect>{box};
  for (const Placement& run : plan_runs(rgb.size(), holes, input.options.strategy, limits))
    input.tiles.push_back(cut_tile(rgb, input.mask, run));
  state_needs(input.tiles, holes, rgb.size());
}

void check_fit(const std::vector<Tile>& tiles, const std::vector<Pixels>& predictions) {
  bool fit = tiles.size() == predictions.size();
  for (std::size_t i = 0; fit && i < tiles.size(); ++i)
    fit = predictions[i].size() == tiles[i].network_size() && predictions[i].channels == 3;
  if (!fit) refuse(ErrorCode::internal, "the predictions do not fit the tiles");
}

void paste_all(Canvas& canvas, const Input& input, const Rect& box, const std::vector<Pixels>& predictions) {
  const auto& tiles = input.tiles;
  const int feather = input.options.feather;
  if (tiles.size() == 1) return paste(canvas, input.mask, tiles[0], predictions[0], box, feather);
  // Windows overlap, and one may cut a hole that another was made for: each hole is taken from its own.
  std::vector<Rect> windows;
  for (const Tile& tile : tiles) windows.push_back(tile.window);
  for (const Rect& hole : find_holes(input.mask)) {
    const std::size_t home = home_window(hole, windows, input.mask.size());
    paste(canvas, input.mask, tiles[home], predictions[home], hole, feather);
  }
}

/// Known pixels of a grey picture have three equal samples, which are their luma too: they stay exact.
void make_grey(Pixels& rgb) {
  cv::Mat luma;
  cv::cvtColor(view(rgb), luma, cv::COLOR_RGB2GRAY);
  cv::cvtColor(luma, view(rgb), cv::COLOR_GRAY2RGB);
}

}  // namespace

Result<Input> prepare(const Request& request, const ImageLimits& limits, const TilingLimits& tiling) {
  return guarded<Input>([&] {
    Input input;
    input.options = request.options;
    input.picture = value_of(decode_image(request.image, limits));
    input.mask = value_of(decode_mask(request.mask, input.picture.rgb.size(), limits));
    if (request.options.dilate > 0) input.mask = dilate(input.mask, request.options.dilate);
    plan_tiles(input, tiling);
    return input;
  });
}

Result<Rendered> render(const Input& input, const std::vector<Pixels>& predictions) {
  return guarded<Rendered>([&] {
    check_fit(input.tiles, predictions);
    const Picture& source = input.picture;
    const Rect box = bounding_box(input.mask);
    Rendered answer;
    answer.format = input.options.format == Format::same ? source.format : input.options.format;
    answer.region = whole_of(source.rgb.size());
    if (input.options.region == Region::patch) answer.region = box.empty() ? Rect{0, 0, 1, 1} : box;
    answer.size = {answer.region.width, answer.region.height};

    Canvas canvas{answer.region, crop(source.rgb, answer.region)};
    if (!input.tiles.empty()) paste_all(canvas, input, box, predictions);
    if (source.grey) make_grey(canvas.rgb);
    Pixels alpha = source.alpha.empty() ? Pixels() : crop(source.alpha, answer.region);
    const Picture result{std::move(canvas.rgb), std::move(alpha), source.icc, source.grey, source.format};
    answer.bytes = value_of(encode_image(result, answer.format, input.options.quality));
    return answer;
  });
}

}  // namespace inpaintd
