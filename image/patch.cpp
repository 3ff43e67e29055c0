// SPDX-License-Identifier: Apache-2.0
#include "image/patch.h"

#include <algorithm>
#include <utility>

#include "image/codec.h"
#include "image/deep.h"
#include "image/formats/formats.h"

namespace inpaintd {
namespace {

bool fits(const Rect& region, Size patch, Size picture) {
  return region.x >= 0 && region.y >= 0 && region.width == patch.width && region.height == patch.height &&
         region.right() <= picture.width && region.bottom() <= picture.height;
}

}  // namespace

Result<Retouched> paste_patch(Bytes original, Bytes patch, const Rect& region, const MaskSource& mask,
                              const Options& options) {
  return guarded<Retouched>([&]() -> Result<Retouched> {
    const Keep keep = copies_jpeg(options) ? Keep::coefficients : Keep::pixels;
    const auto picture = decode_image(EncodedFile{original}, no_limits, keep);
    if (!picture) return picture.error();
    auto part = decode_image(EncodedFile{patch}, no_limits);
    if (!part) return part.error();
    auto holes = decode_mask(mask, picture->rgb.size(), no_limits, options.mask_values);
    if (!holes) return holes.error();
    if (!fits(region, part->rgb.size(), picture->rgb.size()))
      return Error{ErrorCode::internal, "the patch in the answer does not fit into the picture; report this fault"};
    if (options.dilate > 0) holes->holes = dilate(holes->holes, options.dilate);
    Canvas canvas{.frame = region, .rgb = std::move(part->rgb)};
    if (stored_depth(original) == 16) canvas.deep = deep_samples(patch, canvas.rgb);
    if (options.alpha == AlphaFill::fill && !picture->alpha.empty()) canvas.alpha = std::move(part->alpha);
    return retouch({original, *picture, canvas, holes->holes, options});
  });
}

Result<std::size_t> estimated_answer_bytes(Bytes original, const Options& options) {
  const auto size = picture_size(original, no_limits);
  if (!size) return size.error();
  const auto pixels = static_cast<std::size_t>(size->width) * static_cast<std::size_t>(size->height);
  const bool lossless = options.format == Format::png || options.format == Format::raw || options.lossless == true;
  if (lossless) return 3 * pixels;
  if (options.format == Format::same && !options.quality) return original.size();
  return std::max(original.size(), pixels / 2);  // photographs have about 4 bits per pixel at high qualities
}

}  // namespace inpaintd
