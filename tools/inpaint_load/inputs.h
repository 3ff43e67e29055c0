// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/input.h"
#include "core/pixels.h"
#include "core/request.h"
#include "core/result.h"

namespace inpaintd::tools {

enum class MaskKind : std::uint8_t { box, strokes, hole };

/// A picture encoded before the run, so that encoding does not slow the sender.
struct LoadPicture {
  Size size;
  Format format = Format::raw;
  std::string bytes;
  /// The size that the picture had before it was stretched: masks are drawn at that size and stretched alike.
  std::optional<Size> stretched_from = std::nullopt;
};

/// A mask of one bit per pixel, as in core's BitMask. Each request has its own, so that no two requests are identical.
struct DrawnMask {
  Size size;
  std::vector<std::uint8_t> bits;

  [[nodiscard]] BitMask view() const { return {size.width, size.height, bits}; }
};

/// Draws one random box, a quarter to half as wide and high as the picture; four thick strokes; or one hole: an ellipse
/// whose width and height are 10 to 50 % of the picture's shorter side, anywhere in the picture. Takes well below 1
/// ms at 512x512. The same seed draws the same mask.
DrawnMask draw_mask(MaskKind kind, Size size, std::uint64_t seed);

/// The same mask at another size: a pixel that touches a hole is a hole.
DrawnMask stretch(const DrawnMask& mask, Size size);

/// The same picture at another size, encoded again. Errors: those of decoding and encoding.
Result<LoadPicture> stretch(const LoadPicture& picture, Size size);

/// Decodes a picture in any format of the protocol; `size` counts for raw pixels alone. Errors: as decode_image.
Result<Picture> decode_picture(Format format, Size size, Bytes bytes);

/// A smooth random picture with grain, which compresses about as well as a photograph.
Pixels make_noise(int side, std::uint64_t seed);

/// Encodes square pictures of every side in `format` (raw, png, jpeg, webp): `count` pictures of noise, or one of each
/// photograph in the folder `photographs` (at most 64), cut to a centred square and scaled. Errors: bad_request when
/// the folder has no pictures, else the error of reading, decoding or encoding one.
Result<std::vector<LoadPicture>> prepare_pictures(const std::vector<int>& sides, Format format,
                                                  const std::filesystem::path& photographs, int count,
                                                  std::uint64_t seed);

/// Encodes one picture of noise of each of `sizes`.
Result<std::vector<LoadPicture>> prepare_sizes(const std::vector<Size>& sizes, Format format, std::uint64_t seed);

/// Encodes the photographs of a folder (at most 64) at their own sizes. Errors: as prepare_pictures.
Result<std::vector<LoadPicture>> prepare_photographs(const std::filesystem::path& photographs, Format format);

}  // namespace inpaintd::tools

namespace inpaintd {
template <>
struct EnumNames<tools::MaskKind> {
  static constexpr std::array<std::string_view, 3> names{"box", "strokes", "hole"};
};
}  // namespace inpaintd
