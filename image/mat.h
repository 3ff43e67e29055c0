// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <opencv2/core.hpp>

#include "core/pixels.h"

namespace inpaintd {

/// The same samples as an OpenCV matrix, without a copy. Internal to image/.
inline cv::Mat view(Pixels& pixels) {
  return {pixels.height, pixels.width, CV_8UC(pixels.channels), pixels.bytes.data()};
}

/// A matrix for reading only, although OpenCV has no matrix of const samples.
inline cv::Mat view(const Pixels& pixels) { return view(const_cast<Pixels&>(pixels)); }

inline cv::Rect to_cv(const Rect& rect) { return {rect.x, rect.y, rect.width, rect.height}; }
inline cv::Size to_cv(Size size) { return {size.width, size.height}; }
inline Rect from_cv(const cv::Rect& rect) { return {rect.x, rect.y, rect.width, rect.height}; }

/// A copy of the samples inside `rect`.
inline Pixels crop(const Pixels& pixels, const Rect& rect) {
  Pixels part(rect.width, rect.height, pixels.channels);
  view(pixels)(to_cv(rect)).copyTo(view(part));
  return part;
}

}  // namespace inpaintd
