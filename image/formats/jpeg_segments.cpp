// SPDX-License-Identifier: Apache-2.0
#include "image/formats/jpeg_segments.h"

#include <optional>
#include <string_view>
#include <utility>

namespace inpaintd {
namespace {

using namespace std::string_view_literals;

constexpr auto jfif = "JFIF\0"sv, jfif_extension = "JFXX\0"sv, exif = "Exif\0\0"sv, index_of_pictures = "MPF\0"sv,
               photoshop = "Photoshop 3.0\0"sv, start_of_jpeg = "\xFF\xD8\xFF"sv;

std::size_t big_endian(std::string_view bytes) {
  std::size_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

/// A JFIF segment without its thumbnail, which follows the two bytes of its size.
std::string without_jfif_thumbnail(std::string_view data) {
  constexpr std::size_t size_at = 12, size_bytes = 2;
  if (data.size() < size_at + size_bytes) return std::string(data);
  return std::string(data.substr(0, size_at)) + std::string(size_bytes, '\0');
}

/// The size in bytes of the resource of Photoshop at the start of `data`, with its padding; 0 if there is none.
std::size_t resource_bytes(std::string_view data) {
  constexpr std::size_t id_end = 6;  // "8BIM" and two bytes; a name with its length follows, padded to an even size
  if (!data.starts_with("8BIM") || data.size() <= id_end) return 0;
  const std::size_t name = (static_cast<unsigned char>(data[id_end]) + 2U) & ~std::size_t{1};
  const std::size_t content = id_end + name + 4;
  if (data.size() < content) return 0;
  const std::size_t size = content + ((big_endian(data.substr(content - 4, 4)) + 1) & ~std::size_t{1});
  return size <= data.size() ? size : 0;
}

/// A segment of Photoshop without the resources that hold a thumbnail. What cannot be read stays as it is.
std::string without_photoshop_thumbnail(std::string_view data) {
  constexpr std::size_t thumbnail = 0x040C, old_thumbnail = 0x0409;
  std::string kept(photoshop);
  data.remove_prefix(photoshop.size());
  while (const std::size_t size = resource_bytes(data)) {
    const std::size_t id = big_endian(data.substr(4, 2));
    if (id != thumbnail && id != old_thumbnail) kept += data.substr(0, size);
    data.remove_prefix(size);
  }
  return kept += data;
}

/// The segment for a picture that has changed in a part; nothing if all of it shows the picture as it was.
std::optional<std::string> still_true(int marker, std::string_view data) {
  if (marker == JPEG_APP0 && data.starts_with(jfif)) return without_jfif_thumbnail(data);
  if (marker == JPEG_APP0 && data.starts_with(jfif_extension)) return std::nullopt;
  if (marker == JPEG_APP0 + 1 && data.starts_with(exif)) return without_thumbnail(std::string(data));
  if (marker == JPEG_APP0 + 2 && data.starts_with(index_of_pictures)) return std::nullopt;
  if (marker == JPEG_APP0 + 13 && data.starts_with(photoshop)) return without_photoshop_thumbnail(data);
  return std::string(data);
}

/// The bytes of `file` after its end marker.
std::string_view after_end(const JpegReader& reader, Bytes file) {
  const std::size_t left = reader.cut_off ? 0 : reader.jpeg.src->bytes_in_buffer;
  return {reinterpret_cast<const char*>(file.data()) + (file.size() - left), left};
}

}  // namespace

Surroundings surroundings_of(const JpegReader& reader, Bytes file) {
  Surroundings result;
  bool more_pictures = false;
  for (auto marker = reader.jpeg.marker_list; marker; marker = marker->next) {
    const std::string_view data(reinterpret_cast<const char*>(marker->data), marker->data_length);
    auto kept = still_true(marker->marker, data);
    result.previews_dropped |= !kept || *kept != data;
    more_pictures |= marker->marker == JPEG_APP0 + 2 && data.starts_with(index_of_pictures);
    if (kept) result.segments.push_back({marker->marker, std::move(*kept)});
  }
  const std::string_view trailer = after_end(reader, file);
  more_pictures |= trailer.starts_with(start_of_jpeg);
  result.previews_dropped |= more_pictures;
  if (!more_pictures) result.trailer = trailer;
  return result;
}

}  // namespace inpaintd
