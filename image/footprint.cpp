// SPDX-License-Identifier: Apache-2.0
#include "image/footprint.h"

#include <algorithm>
#include <cstdint>

#include "image/hole_plan.h"
#include "image/network_view.h"
#include "image/retouch.h"

namespace inpaintd {
namespace {

constexpr std::size_t tile_channels = 3 + 1 + 3;  // image, mask, prediction

std::size_t area(Size size) { return static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height); }

bool has_alpha(const Header& picture) { return picture.channels % 2 == 0; }

/// Bytes per pixel while the samples of a picture that are not plain RGB are converted to RGB and alpha.
std::size_t while_split(const Header& picture) {
  return picture.channels == 3 ? 3 : static_cast<std::size_t>(picture.channels) + (has_alpha(picture) ? 4 : 3);
}

/// The largest amount of memory that the work on a mask needs at one time beside the mask: labels, or distances and,
/// for a dilation, three more masks.
std::size_t while_planned(std::size_t pixels, bool crops, const Options& options) {
  constexpr std::size_t side = hole_search_side_max;
  const std::size_t labels = crops ? std::min(pixels, side * side) * sizeof(std::int32_t) : 0;
  const std::size_t dilated = options.dilate > 0 ? pixels * (sizeof(float) + 3) : 0;
  return std::max(labels, dilated);
}

}  // namespace

std::size_t expected_bytes(const Header& picture, const Header& mask, const Options& options,
                           const TilingLimits& limits) {
  const std::size_t pixels = area(picture.size);
  const std::size_t kept = has_alpha(picture) ? 4 : 3;
  const std::size_t patches = options.feather > 0 ? sizeof(float) : 0;  // weights, if everything is a hole
  const bool crops = resolve(options.strategy) == Strategy::crop;
  const auto decoding = [](const Header& header) { return static_cast<std::size_t>(header.decoding); };
  const bool copies = copies_jpeg(options) && picture.coefficients > 0;
  const std::size_t coefficients = copies ? picture.coefficients : 0;
  // The `decoding` of a picture counts coefficients that are freed before it is turned.
  const std::size_t decoded = copies ? 2 * static_cast<std::size_t>(picture.channels) : decoding(picture);
  const std::size_t tile = area(largest_run(picture.size, options.strategy, limits));
  constexpr std::size_t without_prediction = tile_channels - 3;
  const std::size_t showing =
      has_alpha(picture) ? pixels * showing_picture_bytes + tile * (without_prediction + showing_tile_bytes) : 0;
  const std::size_t answering = tile * tile_channels + rendering_bytes(picture, options);
  return coefficients + std::max({pixels * decoded, pixels * while_split(picture), pixels * (kept + decoding(mask)),
                                  pixels * (kept + 1) + while_planned(pixels, crops, options),
                                  pixels * (kept + 1 + patches + patches),  // computed from as many distances
                                  pixels * (kept + 1 + patches) + std::max(answering, showing)});
}

std::size_t rendering_bytes(const Header& picture, const Options& options) {
  constexpr int deep = 16;
  return picture.depth == deep || copies_jpeg(options) ? picture.copying : 0;
}

std::size_t bytes_of(const Input& input) {
  std::size_t bytes = input.picture.rgb.bytes.size() + input.picture.alpha.bytes.size() + input.picture.icc.size();
  if (input.picture.colours) bytes += sizeof(ColourSpace) + 3 * ColourSpace::encoded_size * sizeof(float);
  bytes += bytes_of(*input.holes) + input.rendering;
  if (input.picture.coefficients) bytes += bytes_of(*input.picture.coefficients);
  for (const Tile& tile : input.tiles)
    bytes += tile.mask->bytes.size() * (tile_channels - 1);  // the plan has counted the mask
  return bytes;
}

}  // namespace inpaintd
