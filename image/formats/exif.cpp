// SPDX-License-Identifier: Apache-2.0
#include <libexif/exif-data.h>

#include <cstdlib>
#include <memory>
#include <new>
#include <string_view>

#include "image/formats/formats.h"

namespace inpaintd {
namespace {

// libexif skips an entry when memory runs out, and the picture would stay turned.
thread_local bool memory_failed = false;

void* kept(void* memory) {
  memory_failed |= !memory;
  return memory;
}

void* take(ExifLong size) { return kept(std::calloc(size, 1)); }
void* take_more(void* memory, ExifLong size) { return kept(std::realloc(memory, size > 0 ? size : 1)); }

}  // namespace

int exif_orientation(const std::string& exif) {
  if (exif.empty()) return 1;
  // libexif expects the head with which the APP1 segment of a JPEG begins. PNG and most WebP files lack this head.
  constexpr std::string_view head("Exif\0\0", 6);
  const std::string block = exif.starts_with(head) ? exif : std::string(head) + exif;
  const std::unique_ptr<ExifMem, decltype(&exif_mem_unref)> memory(exif_mem_new(take, take_more, std::free),
                                                                   exif_mem_unref);
  memory_failed = !memory;
  const std::unique_ptr<ExifData, decltype(&exif_data_unref)> data(exif_data_new_mem(memory.get()), exif_data_unref);
  if (data)
    exif_data_load_data(data.get(), reinterpret_cast<const unsigned char*>(block.data()),
                        static_cast<unsigned>(block.size()));
  if (memory_failed) throw std::bad_alloc();
  if (!data) return 1;
  const ExifEntry* entry = exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
  if (!entry || entry->format != EXIF_FORMAT_SHORT || entry->size < 2) return 1;
  const int orientation = exif_get_short(entry->data, exif_data_get_byte_order(data.get()));
  return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

}  // namespace inpaintd
