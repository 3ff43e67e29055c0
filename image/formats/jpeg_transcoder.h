// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
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
class Coefficients {
 public:
  /// Reads a file. Errors, as exceptions: as read_jpeg; NotTranscodable.
  Coefficients(Bytes file, Segments kept);

  [[nodiscard]] const JpegReader& reader() const { return *reader_; }
  [[nodiscard]] Size size() const;
  /// The size in pixels of the smallest unit of the picture that has whole blocks of every component.
  [[nodiscard]] Size unit() const;
  /// The size in pixels of a block of a component. Not whole for unusual sampling factors, and rounded up then.
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

  std::unique_ptr<JpegReader> reader_;
  jvirt_barray_ptr* arrays_ = nullptr;  ///< one for each component; owned by the reader
};

}  // namespace inpaintd
