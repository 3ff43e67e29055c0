// SPDX-License-Identifier: Apache-2.0
#include "tests/image/jpeg_file.h"

#include <algorithm>
#include <cstdio>
#include <span>
// jpeglib.h needs FILE declared before it.
#include <jpeglib.h>

namespace inpaintd::fixtures {
namespace {

const unsigned char* data_of(std::string_view file) { return reinterpret_cast<const unsigned char*>(file.data()); }

void open(jpeg_decompress_struct& jpeg, jpeg_error_mgr& errors, std::string_view file) {
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&jpeg);
  jpeg_mem_src(&jpeg, data_of(file), file.size());
  jpeg_save_markers(&jpeg, JPEG_COM, 0xFFFF);
  for (int i = 0; i < 16; ++i) jpeg_save_markers(&jpeg, JPEG_APP0 + i, 0xFFFF);
  jpeg_read_header(&jpeg, TRUE);
}

JpegPlane plane_of(jpeg_decompress_struct& jpeg, const jpeg_component_info& info, jvirt_barray_ptr array) {
  JpegPlane plane{info.component_id,
                  info.h_samp_factor,
                  info.v_samp_factor,
                  static_cast<int>(info.width_in_blocks),
                  static_cast<int>(info.height_in_blocks),
                  {},
                  {}};
  std::copy_n(info.quant_table->quantval, 64, plane.quantisers.begin());
  auto* common = reinterpret_cast<j_common_ptr>(&jpeg);
  for (JDIMENSION y = 0; y < info.height_in_blocks; ++y) {
    const JBLOCKROW row = *jpeg.mem->access_virt_barray(common, array, y, 1, FALSE);
    for (JDIMENSION x = 0; x < info.width_in_blocks; ++x) std::copy_n(row[x], 64, plane.blocks.emplace_back().begin());
  }
  return plane;
}

}  // namespace

JpegFile read_jpeg_file(std::string_view file) {
  jpeg_decompress_struct jpeg{};
  jpeg_error_mgr errors{};
  open(jpeg, errors, file);
  jvirt_barray_ptr* arrays = jpeg_read_coefficients(&jpeg);
  JpegFile result;
  result.size = {static_cast<int>(jpeg.image_width), static_cast<int>(jpeg.image_height)};
  result.unit = {8 * jpeg.max_h_samp_factor, 8 * jpeg.max_v_samp_factor};
  for (int c = 0; c < jpeg.num_components; ++c) result.planes.push_back(plane_of(jpeg, jpeg.comp_info[c], arrays[c]));
  result.progressive = jpeg.progressive_mode == TRUE;
  result.restart_interval = jpeg.restart_interval;
  for (auto marker = jpeg.marker_list; marker != nullptr; marker = marker->next)
    result.segments.emplace_back(marker->marker,
                                 std::string(reinterpret_cast<const char*>(marker->data), marker->data_length));
  result.trailer = file.substr(file.size() - jpeg.src->bytes_in_buffer);
  jpeg_destroy_decompress(&jpeg);
  return result;
}

Pixels stored_pixels(std::string_view file) {
  jpeg_decompress_struct jpeg{};
  jpeg_error_mgr errors{};
  open(jpeg, errors, file);
  if (jpeg.num_components == 3) jpeg.out_color_space = JCS_RGB;
  if (jpeg.num_components == 4) jpeg.out_color_space = JCS_CMYK;
  jpeg_start_decompress(&jpeg);
  Pixels pixels(static_cast<int>(jpeg.output_width), static_cast<int>(jpeg.output_height), jpeg.num_components);
  for (int y = 0; y < pixels.height; ++y) {
    auto* row = pixels.row(y);
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_destroy_decompress(&jpeg);
  return pixels;
}

std::vector<std::string> scan_headers(std::string_view file) {
  std::vector<std::string> headers;
  for (std::size_t at = 0; (at = file.find("\xFF\xDA", at)) != std::string_view::npos; at += 2) {
    const auto size = static_cast<std::size_t>(data_of(file)[at + 2]) << 8 | data_of(file)[at + 3];
    headers.emplace_back(file.substr(at + 4, size - 2));
  }
  return headers;
}

std::string with_segments(std::string_view file, const std::vector<JpegSegment>& segments) {
  std::string result(file.substr(0, 2));
  for (const auto& [marker, data] : segments) {
    const std::size_t size = data.size() + 2;
    result += {'\xFF', static_cast<char>(marker), static_cast<char>(size >> 8), static_cast<char>(size)};
    result += data;
  }
  return result.append(file.substr(2));
}

std::string exif_with_thumbnail(int orientation, std::string_view thumbnail, std::string_view notes, bool big_endian) {
  std::string block("Exif\0\0", 6);
  const auto number = [&](std::size_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) block += static_cast<char>(value >> 8 * (big_endian ? bytes - 1 - i : i));
  };
  const auto entry = [&](std::size_t tag, std::size_t type, std::size_t count, std::size_t value) {
    number(tag, 2);
    number(type, 2);
    number(count, 4);
    number(value, type == 3 ? 2 : 4);
    if (type == 3) number(0, 2);
  };
  constexpr std::size_t first = 8, second = first + 2 + 2 * 12 + 4, image = second + 2 + 3 * 12 + 4;
  block += big_endian ? "MM" : "II";
  number(42, 2);
  number(first, 4);
  number(2, 2);
  entry(0x0112, 3, 1, static_cast<std::size_t>(orientation));
  entry(0x927C, 7, notes.size(), image + thumbnail.size());  // maker notes
  number(second, 4);
  number(3, 2);
  entry(0x0103, 3, 1, 6);
  entry(0x0201, 4, 1, image);
  entry(0x0202, 4, 1, thumbnail.size());
  number(0, 4);
  return block.append(thumbnail).append(notes);
}

}  // namespace inpaintd::fixtures
