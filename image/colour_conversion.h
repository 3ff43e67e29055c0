// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <opencv2/core.hpp>

#include "core/colour_space.h"
#include "core/pixels.h"

/// The conversion of pictures to sRGB, in which the networks were trained, and back. Internal to image/.
///
/// A window with colours beyond sRGB is `wide`: it gets the tone curve of sRGB, and keeps its own primaries. sRGB would
/// cut such colours off, and a hole among them would be filled with duller ones.
namespace inpaintd {

/// Whether `space` differs from sRGB by no more than about 2 of 255, for samples on a grid.
bool is_like_srgb(const ColourSpace& space);

/// Whether more than a thousandth of the pixels of `rgb` has colours outside of sRGB.
bool is_wide(const cv::Mat& rgb, const ColourSpace& space);

/// Converts 8-bit RGB samples of a picture for the network, in place.
void to_network(cv::Mat rgb, const ColourSpace& space, bool wide);

/// The same for samples as floats from 0 to 255, without rounding.
void to_network(cv::Mat_<cv::Vec3f> rgb, const ColourSpace& space, bool wide);

/// Converts RGB samples of the network, as floats from 0 to 255, to samples of the picture from 0 to 1, in place.
void from_network(cv::Mat_<cv::Vec3f> rgb, const ColourSpace& space, bool wide);

/// Converts 8-bit RGB samples of the network to those of the picture, in place.
void from_network(cv::Mat rgb, const ColourSpace& space, bool wide);

}  // namespace inpaintd
