// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "image/formats/jpeg_files.h"
#include "image/formats/jpeg_segments.h"

/// The coefficients of a JPEG file, from one file to another. Internal to image/formats/.
namespace inpaintd {

/// A JPEG file whose coefficients cannot be kept, and the reason as a sentence without a full stop.
struct NotTranscodable {
  std::string reason;
};

/// All coefficients of a file in memory: two bytes for each sample as stored. Not copyable.
class JpegCoefficients {
 public:
  /// Reads a file without its segments. Errors, as exceptions: as read_jpeg.
  explicit JpegCoefficients(Bytes file);
  /// Takes over the decoder of a file of `file_bytes`, which has read everything in buffered-image mode.
  JpegCoefficients(std::unique_ptr<JpegReader> decoder, std::size_t file_bytes);

  /// Held while coefficients are changed and written.
  [[nodiscard]] std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }
  /// Checks that libjpeg can write them. Errors, as exceptions: NotTranscodable.
  void check_transcodable() const;
  [[nodiscard]] const JpegReader& reader() const { return *reader_; }
  [[nodiscard]] Size size() const;
  /// The size in pixels of the smallest unit of the picture that has whole blocks of every component.
  [[nodiscard]] Size unit() const;
  /// The size in pixels of a block of a component; libjpeg refuses files in which it is not whole.
  [[nodiscard]] Size block(int component) const;
  /// The blocks of one row of a component, to be read or changed.
  JBLOCKROW row(int component, int index);

  /// Encodes `samples`, of as many channels as the file has components (RGB, grey, or CMYK as stored), with the colour
  /// space, sampling and quantisers of this file. Errors, as exceptions: NotTranscodable.
  [[nodiscard]] std::string encode(const Pixels& samples) const;

  /// Writes a file with these coefficients, the segments, and the trailer. Mode, scans, restart intervals, and Huffman
  /// tables that have all codes are those of the file that was read. Errors, as exceptions: NotTranscodable.
  [[nodiscard]] std::string write(const Surroundings& surroundings);

 private:
  std::string write(const Surroundings& surroundings, bool own_scans);

  std::mutex mutex_;
  std::unique_ptr<JpegReader> reader_;
  std::size_t file_bytes_;
  jvirt_barray_ptr* arrays_ = nullptr;  ///< one for each component; owned by the reader
};

}  // namespace inpaintd
