// SPDX-License-Identifier: Apache-2.0
#include <libexif/exif-data.h>

#include <memory>
#include <string_view>

#include "image/formats.h"

namespace inpaintd {

int exif_orientation(const std::string& exif) {
  if (exif.empty()) return 1;
  // JPEG's APP1 begins with a head that PNG and most WebP files leave out; libexif wants it.
  constexpr std::string_view head("Exif\0\0", 6);
  const std::string block = exif.starts_with(head) ? exif : std::string(head) + exif;
  const std::unique_ptr<ExifData, decltype(&exif_data_unref)> data(
      exif_data_new_from_data(reinterpret_cast<const unsigned char*>(block.data()),
                              static_cast<unsigned>(block.size())),
      exif_data_unref);
  if (!data) return 1;
  const ExifEntry* entry = exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
  if (!entry || entry->format != EXIF_FORMAT_SHORT || entry->size < 2) return 1;
  const int orientation = exif_get_short(entry->data, exif_data_get_byte_order(data.get()));
  return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

}  // namespace inpaintd
