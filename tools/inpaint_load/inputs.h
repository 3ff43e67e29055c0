// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/pixels.h"
#include "core/request.h"
#include "core/result.h"

namespace inpaintd::tools {

enum class MaskKind : std::uint8_t { box, strokes };

/// A picture encoded before the run, so that encoding does not slow the sender.
struct LoadPicture {
  Size size;
  Format format = Format::raw;
  std::string bytes;
};

/// One bit per pixel as in core's BitMask. Drawn anew for each request: with it no two requests are the same.
struct DrawnMask {
  Size size;
  std::vector<std::uint8_t> bits;

  [[nodiscard]] BitMask view() const { return {size.width, size.height, bits}; }
};

/// One random box a quarter to half as wide and high as the picture, or four thick strokes. Costs well below a
/// millisecond at 512x512; the same seed draws the same mask.
DrawnMask draw_mask(MaskKind kind, Size size, std::uint64_t seed);

/// A soft random picture with grain: costs about as much to compress as a photograph.
Pixels make_noise(int side, std::uint64_t seed);

/// For every side some square pictures in `format` (raw, png, jpeg, webp): `count` of noise, or one of each photograph
/// in the folder `photographs` (at most 64), cut to a centred square and scaled.
Result<std::vector<LoadPicture>> prepare_pictures(const std::vector<int>& sides, Format format,
                                                  const std::filesystem::path& photographs, int count,
                                                  std::uint64_t seed);

}  // namespace inpaintd::tools

namespace inpaintd {
template <>
struct EnumNames<tools::MaskKind> {
  static constexpr std::array<std::string_view, 2> names{"box", "strokes"};
};
}  // namespace inpaintd
