// SPDX-License-Identifier: Apache-2.0
#include "image/formats/jpeg_files.h"

#include <jerror.h>

#include <cstdlib>
#include <new>
#include <string_view>

namespace inpaintd {
namespace {

constexpr int scans_max = 200;  // a hostile progressive file could require thousands of passes over the picture

[[noreturn]] void on_read_error(j_common_ptr jpeg) {
  check_memory(jpeg);
  refuse_broken("JPEG", message_of(jpeg));
}

[[noreturn]] void on_write_error(j_common_ptr jpeg) {
  check_memory(jpeg);
  static_cast<const JpegWriter*>(jpeg->client_data)->fail(message_of(jpeg));
  std::abort();  // because libjpeg must not go on
}

/// Whether every pixel is present in spite of the warning. After all other warnings libjpeg continues with invented
/// pixels.
bool harmless(const jpeg_decompress_struct& jpeg, int warning) {
  switch (warning) {
    case JWRN_EXTRANEOUS_DATA:  // cameras write odd bytes between the segments
    case JWRN_ADOBE_XFORM:      // unknown transform: the number of channels decides, as if the segment were missing
    case JWRN_JFIF_MAJOR:       // a newer version of a segment that has the resolution only
    case JWRN_BOGUS_ICC:        // a broken profile is left out
    case JWRN_NOT_SEQUENTIAL:   // Samsung's phones write Se = 0, which a sequential decoder does not use
      return true;
    case JWRN_JPEG_EOF:         // the end marker is missing; missing pixels cause another warning, JWRN_HIT_MARKER,
      return !jpeg.arith_code;  // but not in the arithmetic decoder, which reads zeros after the end
    default:
      return false;
  }
}

JpegReader& reader_of(j_common_ptr jpeg) { return *static_cast<JpegReader*>(jpeg->client_data); }

void on_read_message(j_common_ptr common, int level) {
  auto& jpeg = *reinterpret_cast<j_decompress_ptr>(common);
  if (level < 0 && !harmless(jpeg, jpeg.err->msg_code)) on_read_error(common);
  if (level < 0 && jpeg.err->msg_code == JWRN_JPEG_EOF) reader_of(common).cut_off = true;
}

jpeg_scan_info present_scan(const jpeg_decompress_struct& jpeg) {
  jpeg_scan_info scan{jpeg.comps_in_scan, {}, jpeg.Ss, jpeg.Se, jpeg.Ah, jpeg.Al};
  for (int i = 0; i < jpeg.comps_in_scan; ++i) scan.component_index[i] = jpeg.cur_comp_info[i]->component_index;
  return scan;
}

void on_progress(j_common_ptr common) {
  const auto& jpeg = *reinterpret_cast<j_decompress_ptr>(common);
  if (jpeg.input_scan_number > scans_max)
    refuse(ErrorCode::unsupported_image, "the JPEG file has more than " + std::to_string(scans_max) +
                                             " scans; save it with fewer, or as a baseline file");
  auto& scans = reader_of(common).scans;
  if (scans.size() < static_cast<std::size_t>(jpeg.input_scan_number)) scans.push_back(present_scan(jpeg));
}

}  // namespace

std::string message_of(j_common_ptr jpeg) {
  char text[JMSG_LENGTH_MAX];
  jpeg->err->format_message(jpeg, text);
  return text;
}

void check_memory(j_common_ptr jpeg) {
  if (jpeg->err->msg_code == JERR_OUT_OF_MEMORY) throw std::bad_alloc();
}

void JpegReader::open() {
  jpeg.err = jpeg_std_error(&errors);
  errors.error_exit = on_read_error;
  errors.emit_message = on_read_message;
  jpeg_create_decompress(&jpeg);
  jpeg.client_data = this;
  progress.progress_monitor = on_progress;
  jpeg.progress = &progress;
}

Header open(JpegReader& reader, Bytes file, const ImageLimits& limits, Segments kept) {
  constexpr unsigned size_max = 0xFFFF;
  reader.open();
  auto& jpeg = reader.jpeg;
  jpeg_mem_src(&jpeg, file.data(), file.size());
  if (kept == Segments::all) jpeg_save_markers(&jpeg, JPEG_COM, size_max);
  for (int i = 0; i < 16; ++i)
    if (kept == Segments::all || i == 1 || i == 2) jpeg_save_markers(&jpeg, JPEG_APP0 + i, size_max);
  jpeg_read_header(&jpeg, TRUE);
  check_size(jpeg.image_width, jpeg.image_height, limits, ErrorCode::unsupported_image);
  Header header{{static_cast<int>(jpeg.image_width), static_cast<int>(jpeg.image_height)},
                jpeg.num_components == 1 ? 1 : 3};
  // With several scans, the 16-bit coefficients of the whole picture are kept until the last scan is read.
  header.decoding = header.channels + (jpeg_has_multiple_scans(&jpeg) ? 2 * jpeg.num_components : 0);
  const std::size_t coefficients = coefficient_bytes(jpeg);
  header.coefficients = coefficients + file.size();  // which has the segments
  // The inks of a CMYK file are decoded a second time, which needs all coefficients again if there are several scans.
  header.copying = jpeg.num_components == 4 && jpeg_has_multiple_scans(&jpeg) == TRUE ? coefficients : 0;
  return header;
}

std::size_t coefficient_bytes(const jpeg_decompress_struct& jpeg) {
  const auto rounded_up = [](std::size_t blocks, int multiple) {
    const auto unit = static_cast<std::size_t>(multiple);
    return (blocks + unit - 1) / unit * unit;
  };
  std::size_t blocks = 0;
  for (int c = 0; c < jpeg.num_components; ++c) {
    const jpeg_component_info& info = jpeg.comp_info[c];
    blocks +=
        rounded_up(info.width_in_blocks, info.h_samp_factor) * rounded_up(info.height_in_blocks, info.v_samp_factor);
  }
  return blocks * sizeof(JBLOCK);
}

void read_scans(JpegReader& reader) {
  do on_progress(reinterpret_cast<j_common_ptr>(&reader.jpeg));  // because jpeg_consume_input does not call it
  while (jpeg_consume_input(&reader.jpeg) != JPEG_REACHED_EOI);
}

void check_scans(const JpegReader& reader) {
  const auto& jpeg = reader.jpeg;
  for (int c = 0; c < jpeg.num_components; ++c) {
    bool complete = jpeg.comp_info[c].quant_table != nullptr;  // set by the first scan of the component
    const bool by_parts = reader.cut_off && jpeg.coef_bits != nullptr;
    for (int k = 0; complete && by_parts && k < DCTSIZE2; ++k)
      complete = jpeg.coef_bits[c][k] == 0;  // missing bits of the coefficient; -1: all
    if (!complete) refuse_broken("JPEG", "it ends before its last scan");
  }
}

std::string exif_of(const jpeg_decompress_struct& jpeg) {
  for (auto marker = jpeg.marker_list; marker; marker = marker->next) {
    const std::string_view data(reinterpret_cast<const char*>(marker->data), marker->data_length);
    if (marker->marker == JPEG_APP0 + 1 && data.starts_with(std::string_view("Exif\0", 5))) return std::string(data);
  }
  return {};
}

void JpegOutput::open(j_compress_ptr jpeg) {
  manager.init_destination = [](j_compress_ptr each) { of(each).grow(of(each).expected); };
  manager.empty_output_buffer = [](j_compress_ptr each) -> boolean {
    of(each).grow(of(each).file.size());
    return TRUE;
  };
  manager.term_destination = [](j_compress_ptr each) {
    JpegOutput& output = of(each);
    output.file.resize(output.file.size() - output.manager.free_in_buffer);
  };
  jpeg->dest = &manager;
}

void JpegOutput::grow(std::size_t by) {
  const std::size_t used = file.size();
  file.resize(used + by);
  manager.next_output_byte = reinterpret_cast<JOCTET*>(file.data()) + used;
  manager.free_in_buffer = by;
}

void JpegWriter::open() {
  jpeg.err = jpeg_std_error(&errors);
  errors.error_exit = on_write_error;
  jpeg_create_compress(&jpeg);
  jpeg.client_data = this;
  output.open(&jpeg);
}

void JpegWriter::fail(const std::string& message) const { fail_encoding("JPEG", message); }

}  // namespace inpaintd
