// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/pixels.h"

/// What a JPEG file stores, read with libjpeg and without the code under test.
namespace inpaintd::fixtures {

/// A marker and the data of its segment.
using JpegSegment = std::pair<int, std::string>;

/// One component of a file.
struct JpegPlane {
  int id = 0;
  int horizontal = 1, vertical = 1;  ///< sampling factors
  int columns = 0, rows = 0;         ///< of blocks
  std::array<std::uint16_t, 64> quantisers{};
  std::vector<std::array<std::int16_t, 64>> blocks;  ///< row by row

  [[nodiscard]] const std::array<std::int16_t, 64>& block(int column, int row) const {
    return blocks[static_cast<std::size_t>(row * columns + column)];
  }
};

struct JpegFile {
  Size size;  ///< as stored
  Size unit;  ///< of an MCU, in pixels
  std::vector<JpegPlane> planes;
  bool progressive = false;
  unsigned restart_interval = 0;
  std::vector<JpegSegment> segments;  ///< APPn and COM, in order
  std::string trailer;                ///< after the end marker
};
JpegFile read_jpeg_file(std::string_view file);

/// The pixels as stored, without regard to EXIF: grey, RGB, or CMYK as stored.
Pixels stored_pixels(std::string_view file);

/// The data of the headers of all scans (SOS), in order.
std::vector<std::string> scan_headers(std::string_view file);

/// The file with these segments after its start marker.
std::string with_segments(std::string_view file, const std::vector<JpegSegment>& segments);

/// An EXIF block with its head: an orientation, 40 bytes of notes behind the thumbnail, and the thumbnail.
std::string exif_with_thumbnail(int orientation, std::string_view thumbnail, std::string_view notes, bool big_endian);

}  // namespace inpaintd::fixtures
