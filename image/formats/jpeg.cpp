// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "image/formats/cmyk.h"
#include "image/formats/formats.h"
#include "image/formats/jpeg_coding.h"
#include "image/formats/jpeg_files.h"
#include "image/formats/jpeg_transcoder.h"

namespace inpaintd {
namespace {

constexpr int full_chroma_quality = 90;

using Malloced = std::unique_ptr<unsigned char, decltype(&std::free)>;

void read_metadata(JpegReader& reader, Frame& frame) {
  frame.exif = exif_of(reader.jpeg);
  JOCTET* icc = nullptr;
  unsigned size = 0;
  if (!jpeg_read_icc_profile(&reader.jpeg, &icc, &size)) return;
  const Malloced owner(icc, std::free);
  frame.icc.assign(reinterpret_cast<const char*>(icc), size);
}

void read_cmyk_rows(JpegReader& reader, Pixels& rgb) {
  std::vector<std::uint8_t> inks(static_cast<std::size_t>(rgb.width) * 4);
  std::uint8_t* line = inks.data();
  for (int y = 0; y < rgb.height; ++y) {
    jpeg_read_scanlines(&reader.jpeg, &line, 1);
    cmyk_to_rgb(inks.data(), rgb.row(y), rgb.width, reader.jpeg.saw_Adobe_marker == TRUE);
  }
}

/// Prepares the decoding of rows. In the buffered-image mode of libjpeg, which keeps the coefficients, all scans are
/// read here, unless there is only one: its rows are decoded as it is read, while they are in the caches.
void start(JpegReader& reader, Keep keep) {
  auto& jpeg = reader.jpeg;
  jpeg.buffered_image = keep == Keep::coefficients ? TRUE : FALSE;
  jpeg_start_decompress(&jpeg);
  if (jpeg.buffered_image == TRUE) {
    if (jpeg_has_multiple_scans(&jpeg) == TRUE) read_scans(reader);
    jpeg_start_output(&jpeg, jpeg.input_scan_number);
  }
  check_scans(reader);
}

void read_rows(JpegReader& reader, Pixels& samples) {
  for (int y = 0; y < samples.height; ++y) {
    std::uint8_t* line = samples.row(y);
    jpeg_read_scanlines(&reader.jpeg, &line, 1);
  }
}

}  // namespace

Header jpeg_header(Bytes file, const ImageLimits& limits) {
  JpegReader reader;
  return open(reader, file, limits);
}

Frame read_jpeg(Bytes file, const ImageLimits& limits, Keep keep) {
  auto owner = std::make_unique<JpegReader>();
  JpegReader& reader = *owner;
  const bool kept = keep == Keep::coefficients;
  const Header header = open(reader, file, limits, kept ? Segments::all : Segments::needed);
  auto& jpeg = reader.jpeg;
  Frame frame;
  read_metadata(reader, frame);
  frame.samples = Pixels(header.size.width, header.size.height, header.channels);
  const bool cmyk = jpeg.num_components == 4;
  jpeg.out_color_space = cmyk ? JCS_CMYK : header.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  if (cmyk) frame.icc.clear();
  start(reader, keep);
  cmyk ? read_cmyk_rows(reader, frame.samples) : read_rows(reader, frame.samples);
  frame.coding = coding_of(jpeg);
  if (!kept) {
    jpeg_finish_decompress(&jpeg);
    return frame;
  }
  jpeg_finish_output(&jpeg);
  frame.coefficients = std::make_shared<JpegCoefficients>(std::move(owner), file.size());
  return frame;
}

std::string write_jpeg(const Pixels& samples, const std::string& icc, int quality, const JpegCoding* coding) {
  JpegWriter writer;
  writer.open();
  auto& jpeg = writer.jpeg;
  jpeg.image_width = static_cast<JDIMENSION>(samples.width);
  jpeg.image_height = static_cast<JDIMENSION>(samples.height);
  jpeg.input_components = samples.channels;
  jpeg.in_color_space = samples.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  if (coding != nullptr && coding->components.size() == static_cast<std::size_t>(samples.channels))
    apply(*coding, jpeg);
  else if (quality >= full_chroma_quality)
    jpeg.comp_info[0].h_samp_factor = jpeg.comp_info[0].v_samp_factor = 1;
  jpeg_start_compress(&jpeg, TRUE);
  if (!icc.empty())
    jpeg_write_icc_profile(&jpeg, reinterpret_cast<const JOCTET*>(icc.data()), static_cast<unsigned>(icc.size()));
  for (int y = 0; y < samples.height; ++y) {
    auto* line = const_cast<JSAMPLE*>(samples.row(y));
    jpeg_write_scanlines(&jpeg, &line, 1);
  }
  jpeg_finish_compress(&jpeg);
  return std::move(writer.output.file);
}

}  // namespace inpaintd
