// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>
// jpeglib.h needs size_t and FILE declared before it.
#include <jpeglib.h>

#include "core/request.h"
#include "image/formats/formats.h"

/// The objects of libjpeg for one file each. Internal to image/formats/.
namespace inpaintd {

/// The text of the error that libjpeg reports.
std::string message_of(j_common_ptr jpeg);

/// Throws std::bad_alloc if libjpeg reports that memory ran out.
void check_memory(j_common_ptr jpeg);

/// The decoder of one file. A damaged file is refused from its callbacks. open() is not part of the constructor,
/// because an error of libjpeg that left the constructor would leak the allocated structures.
struct JpegReader {
  jpeg_decompress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  bool cut_off = false;               ///< the end marker is missing
  std::vector<jpeg_scan_info> scans;  ///< those that were read when all scans are read before the first pixel
  JpegReader() = default;
  JpegReader(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&jpeg); }

  void open();
};

/// The APPn and COM segments that a reader keeps: all, or those with EXIF data and ICC profiles.
enum class Segments : std::uint8_t { needed, all };

/// Opens a reader, and reads everything before the pixels. `file` must outlive the reader.
Header open(JpegReader& reader, Bytes file, const ImageLimits& limits, Segments kept = Segments::needed);

/// The memory for the coefficients of an opened file, with the blocks that fill the last unit in each direction.
std::size_t coefficient_bytes(const jpeg_decompress_struct& jpeg);

/// Reads all scans of a file in buffered-image mode, down to its end.
void read_scans(JpegReader& reader);

/// Refuses a file that ends between two of its scans: no scan is damaged, so libjpeg does not warn. Called when all
/// scans have been read.
void check_scans(const JpegReader& reader);

/// The first EXIF block, with its head; empty if there is none.
std::string exif_of(const jpeg_decompress_struct& jpeg);

/// The output of libjpeg as a string. jpeg_mem_dest, the destination of the library, leaves a pointer to freed memory
/// behind when it fails.
struct JpegOutput {
  jpeg_destination_mgr manager{};  ///< the first member, so that a pointer to it is a pointer to the object
  std::string file;
  std::size_t expected = std::size_t{64} << 10;  ///< bytes of the file, as far as they are known before

  void open(j_compress_ptr jpeg);

 private:
  static JpegOutput& of(j_compress_ptr jpeg) { return *reinterpret_cast<JpegOutput*>(jpeg->dest); }
  void grow(std::size_t by);
};

/// The encoder of one file; open() is separate for the same reason as in JpegReader.
struct JpegWriter {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  JpegOutput output;
  JpegWriter() = default;
  JpegWriter(const JpegWriter&) = delete;
  virtual ~JpegWriter() { jpeg_destroy_compress(&jpeg); }

  void open();

  /// Receives the text of every error but a lack of memory, and throws.
  virtual void fail(const std::string& message) const;
};

}  // namespace inpaintd
