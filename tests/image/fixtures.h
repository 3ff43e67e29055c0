// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/input.h"
#include "image/codec.h"

/// Files for the tests, written with the reference libraries and without the code under test.
namespace inpaintd::fixtures {

inline EncodedFile file(std::string_view bytes) {
  return {{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}};
}
inline Bytes bytes(const std::vector<std::uint8_t>& data) { return {data.data(), data.size()}; }

Pixels pixels(int width, int height, int channels, std::initializer_list<int> samples);
/// Noise that is the same on every machine.
Pixels noise(int width, int height, int channels, unsigned seed);
/// A mask from rows of '.' (known) and '#' (hole).
Pixels mask(std::initializer_list<std::string_view> rows);

/// The contents of a PNG. `color_type` and `depth` as in the PNG specification; `data` holds the rows as stored.
struct PngFile {
  int width = 0, height = 0, depth = 8, color_type = 2;
  std::vector<std::uint8_t> data;
  std::vector<std::uint8_t> palette;      ///< RGB triples
  std::vector<std::uint8_t> transparent;  ///< palette alphas
  int transparent_grey = -1;              ///< the grey level that is transparent
  std::string icc, exif;
  bool interlaced = false;
  /// A name of four letters, and the data.
  using Chunk = std::pair<std::string, std::string>;
  std::vector<Chunk> chunks;                        ///< before the palette
  std::vector<Chunk> last_chunks;                   ///< after the pixels
  std::vector<std::uint16_t> transparent_rgb = {};  ///< the colour that is transparent
};
/// All chunks of a PNG file in their order.
std::vector<PngFile::Chunk> chunks_of(std::string_view png);
std::string png(const PngFile& spec);
std::string png(const Pixels& samples, const std::string& icc = "", const std::string& exif = "");

struct JpegSpec {
  int quality = 100;
  bool progressive = false;
  bool separate_scans = false;  ///< one scan for each channel
  bool restarts = false;        ///< a restart marker after each row of blocks
  bool arithmetic = false;
  std::string icc, exif;                       ///< the EXIF block with its "Exif\0\0" head
  int luma_horizontal = 0, luma_vertical = 0;  ///< sampling factors; 0: libjpeg's default
  bool optimized = false;                      ///< Huffman tables of its own
  bool store_rgb = false;                      ///< no conversion to YCbCr
  bool ycck = false;                           ///< CMYK is converted to YCCK
};
/// Encodes 1, 3 or 4 channels (CMYK, stored as programs of Adobe do: 255 - ink).
std::string jpeg(const Pixels& samples, const JpegSpec& spec = {});

/// Encodes RGB or RGBA without losses.
std::string webp(const Pixels& samples, const std::string& icc = "", const std::string& exif = "");
/// The WebP file `image` with these chunks.
std::string with_chunks(const std::string& image, const std::vector<PngFile::Chunk>& chunks);
std::string lossy_webp(const Pixels& rgb_or_rgba, int quality = 80);
std::string animated_webp(const Pixels& first_rgba, const Pixels& second_rgba);

/// An EXIF block with an orientation, without the head "Exif\0\0".
std::string exif(int orientation, bool big_endian = false);
std::string rgb_profile();
std::string grey_profile();
/// Display P3: other primaries than sRGB, and its curve.
std::string p3_profile();
/// The primaries of sRGB, and samples in linear light.
std::string linear_profile();

}  // namespace inpaintd::fixtures
