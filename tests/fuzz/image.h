// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fuzzer/FuzzedDataProvider.h>

#include <string>

#include "core/request.h"
#include "image/pipeline.h"

/// What the fuzz targets of pictures and masks share. FuzzedDataProvider takes numbers from an input's end, so an input
/// is a file, and then the options of its request: bytes that are missing count as 0.
namespace inpaintd::fuzz {

/// So small that no input takes much memory, and so large that windows are cropped and shrunk.
inline constexpr ImageLimits image_limits{.pixels_max = 20'000, .side_max = 1000};
inline const TilingLimits tiling_limits{
    .whole_pixels_max = 65'536, .window_sides = {64, 256}, .context = 0.5, .context_min = 16};

/// The bytes that stand for `options` at an input's end.
std::string encoded(const Options& options);
Options take_options(FuzzedDataProvider& input);

/// Prepares `request`, and where that works, renders the tiles themselves as their answer and reads it again. Checks
/// what must hold of all three.
void check_pipeline(const Request& request);

/// Takes `input` as a picture's file and options; the mask is the same file, or one pixel.
void check_picture(Bytes input);

/// The same file with a choice of options, as seeds.
std::vector<std::string> with_options(const std::vector<std::string>& files);

}  // namespace inpaintd::fuzz
