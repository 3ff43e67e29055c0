// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <stdexcept>
#include <string_view>
#include <vector>
// jpeglib.h needs size_t and FILE declared before it.
#include <jerror.h>
#include <jpeglib.h>

#include "image/formats/formats.h"
#include "image/formats/jpeg_coding.h"

namespace inpaintd {
namespace {

constexpr int scans_max = 200;  // a hostile progressive file could require thousands of passes over the picture
constexpr int full_chroma_quality = 90;

using Malloced = std::unique_ptr<unsigned char, decltype(&std::free)>;

std::string message_of(j_common_ptr jpeg) {
  char text[JMSG_LENGTH_MAX];
  jpeg->err->format_message(jpeg, text);
  return text;
}

void check_memory(j_common_ptr jpeg) {
  if (jpeg->err->msg_code == JERR_OUT_OF_MEMORY) throw std::bad_alloc();
}

[[noreturn]] void on_read_error(j_common_ptr jpeg) {
  check_memory(jpeg);
  refuse_broken("JPEG", message_of(jpeg));
}

[[noreturn]] void on_write_error(j_common_ptr jpeg) {
  check_memory(jpeg);
  fail_encoding("JPEG", message_of(jpeg));
}

/// Whether every pixel is present in spite of the warning. After all other warnings libjpeg continues with invented
/// pixels.
bool harmless(const jpeg_decompress_struct& jpeg, int warning) {
  switch (warning) {
    case JWRN_EXTRANEOUS_DATA:  // cameras write odd bytes between the segments
    case JWRN_ADOBE_XFORM:      // unknown transform: the number of channels decides, as if the segment were missing
    case JWRN_JFIF_MAJOR:       // a newer version of a segment that has the resolution only
    case JWRN_BOGUS_ICC:        // a broken profile is left out
      return true;
    case JWRN_NOT_SEQUENTIAL:  // Samsung's phones write Se = 0, which a sequential decoder does not use
      return true;
    case JWRN_JPEG_EOF:         // the end marker is missing; missing pixels cause another warning, JWRN_HIT_MARKER,
      return !jpeg.arith_code;  // but not in the arithmetic decoder, which reads zeros after the end
    default:
      return false;
  }
}

void on_read_message(j_common_ptr common, int level) {
  auto& jpeg = *reinterpret_cast<j_decompress_ptr>(common);
  if (level < 0 && !harmless(jpeg, jpeg.err->msg_code)) on_read_error(common);
  if (level < 0 && jpeg.err->msg_code == JWRN_JPEG_EOF) *static_cast<bool*>(jpeg.client_data) = true;
}

void on_progress(j_common_ptr jpeg) {
  if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number > scans_max)
    refuse(ErrorCode::unsupported_image, "the JPEG file has more than " + std::to_string(scans_max) +
                                             " scans; save it with fewer, or as a baseline file");
}

/// The decoder of one file. open() is not part of the constructor, because an error of libjpeg that left the
/// constructor would leak the allocated structures.
struct Reader {
  jpeg_decompress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  bool cut_off = false;  ///< the end marker is missing
  Reader() = default;
  Reader(const Reader&) = delete;
  ~Reader() { jpeg_destroy_decompress(&jpeg); }

  void open() {
    jpeg.err = jpeg_std_error(&errors);
    errors.error_exit = on_read_error;
    errors.emit_message = on_read_message;
    jpeg_create_decompress(&jpeg);
    jpeg.client_data = &cut_off;
    progress.progress_monitor = on_progress;
    jpeg.progress = &progress;
  }
};

/// The output of libjpeg as a string. jpeg_mem_dest, the destination of the library, leaves a pointer to freed memory
/// behind when it fails.
struct Output {
  jpeg_destination_mgr manager{};  ///< the first member, so that a pointer to it is a pointer to the object
  std::string file;

  void open(j_compress_ptr jpeg) {
    manager.init_destination = [](j_compress_ptr each) { of(each).grow(64 << 10); };
    manager.empty_output_buffer = [](j_compress_ptr each) -> boolean {
      of(each).grow(of(each).file.size());
      return TRUE;
    };
    manager.term_destination = [](j_compress_ptr each) {
      Output& output = of(each);
      output.file.resize(output.file.size() - output.manager.free_in_buffer);
    };
    jpeg->dest = &manager;
  }

 private:
  static Output& of(j_compress_ptr jpeg) { return *reinterpret_cast<Output*>(jpeg->dest); }

  void grow(std::size_t by) {
    const std::size_t used = file.size();
    file.resize(used + by);
    manager.next_output_byte = reinterpret_cast<JOCTET*>(file.data()) + used;
    manager.free_in_buffer = by;
  }
};

/// The encoder of one file; open() is separate for the same reason as in Reader.
struct Writer {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  Output output;
  Writer() = default;
  Writer(const Writer&) = delete;
  ~Writer() { jpeg_destroy_compress(&jpeg); }

  void open() {
    jpeg.err = jpeg_std_error(&errors);
    errors.error_exit = on_write_error;
    jpeg_create_compress(&jpeg);
    output.open(&jpeg);
  }
};

/// Refuses a file that ends between two of its scans: no scan is damaged, so libjpeg does not warn. Called when all
/// scans have been read.
void check_scans(const Reader& reader) {
  const auto& jpeg = reader.jpeg;
  for (int c = 0; c < jpeg.num_components; ++c) {
    bool complete = jpeg.comp_info[c].quant_table != nullptr;  // set by the first scan of the component
    const bool by_parts = reader.cut_off && jpeg.coef_bits != nullptr;
    for (int k = 0; complete && by_parts && k < DCTSIZE2; ++k)
      complete = jpeg.coef_bits[c][k] == 0;  // missing bits of the coefficient; -1: all
    if (!complete) refuse_broken("JPEG", "it ends before its last scan");
  }
}

void read_metadata(Reader& reader, Frame& frame) {
  for (auto marker = reader.jpeg.marker_list; marker; marker = marker->next) {
    const std::string_view data(reinterpret_cast<const char*>(marker->data), marker->data_length);
    if (marker->marker == JPEG_APP0 + 1 && data.starts_with(std::string_view("Exif\0", 5))) {
      frame.exif = data;
      break;
    }
  }
  JOCTET* icc = nullptr;
  unsigned size = 0;
  if (!jpeg_read_icc_profile(&reader.jpeg, &icc, &size)) return;
  const Malloced owner(icc, std::free);
  frame.icc.assign(reinterpret_cast<const char*>(icc), size);
}

/// Converts CMYK without colour management. The profile is dropped, because it describes the inks of a print.
void cmyk_to_rgb(const std::vector<std::uint8_t>& cmyk, std::uint8_t* rgb, int width, bool inverted) {
  const int flip = inverted ? 0 : 255;  // programs of Adobe store 255 - ink
  for (int x = 0; x < width; ++x) {
    const std::uint8_t* ink = cmyk.data() + 4 * static_cast<std::ptrdiff_t>(x);
    for (int c = 0; c < 3; ++c) *rgb++ = static_cast<std::uint8_t>(((ink[c] ^ flip) * (ink[3] ^ flip) + 127) / 255);
  }
}

void read_cmyk_rows(Reader& reader, Pixels& rgb) {
  std::vector<std::uint8_t> inks(static_cast<std::size_t>(rgb.width) * 4);
  std::uint8_t* line = inks.data();
  for (int y = 0; y < rgb.height; ++y) {
    jpeg_read_scanlines(&reader.jpeg, &line, 1);
    cmyk_to_rgb(inks, rgb.row(y), rgb.width, reader.jpeg.saw_Adobe_marker);
  }
}

void read_rows(Reader& reader, Pixels& samples) {
  for (int y = 0; y < samples.height; ++y) {
    std::uint8_t* line = samples.row(y);
    jpeg_read_scanlines(&reader.jpeg, &line, 1);
  }
}

/// Reads everything before the pixels. `file` must outlive the reader.
Header open(Reader& reader, Bytes file, const ImageLimits& limits) {
  reader.open();
  auto& jpeg = reader.jpeg;
  jpeg_mem_src(&jpeg, file.data(), file.size());
  jpeg_save_markers(&jpeg, JPEG_APP0 + 1, 0xFFFF);
  jpeg_save_markers(&jpeg, JPEG_APP0 + 2, 0xFFFF);
  jpeg_read_header(&jpeg, TRUE);
  check_size(jpeg.image_width, jpeg.image_height, limits, ErrorCode::unsupported_image);
  const int channels = jpeg.num_components == 1 ? 1 : 3;
  // With several scans, the 16-bit coefficients of the whole picture are kept until the last scan is read.
  const int coefficients = jpeg_has_multiple_scans(&jpeg) ? 2 * jpeg.num_components : 0;
  return {{static_cast<int>(jpeg.image_width), static_cast<int>(jpeg.image_height)}, channels, channels + coefficients};
}

}  // namespace

Header jpeg_header(Bytes file, const ImageLimits& limits) {
  Reader reader;
  return open(reader, file, limits);
}

Frame read_jpeg(Bytes file, const ImageLimits& limits) {
  Reader reader;
  const Header header = open(reader, file, limits);
  auto& jpeg = reader.jpeg;
  Frame frame;
  read_metadata(reader, frame);
  frame.samples = Pixels(header.size.width, header.size.height, header.channels);
  const bool cmyk = jpeg.num_components == 4;
  jpeg.out_color_space = cmyk ? JCS_CMYK : header.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  if (cmyk) frame.icc.clear();
  jpeg_start_decompress(&jpeg);
  check_scans(reader);
  cmyk ? read_cmyk_rows(reader, frame.samples) : read_rows(reader, frame.samples);
  frame.coding = coding_of(jpeg);
  jpeg_finish_decompress(&jpeg);
  return frame;
}

std::string write_jpeg(const Pixels& samples, const std::string& icc, int quality, const JpegCoding* coding) {
  Writer writer;
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
