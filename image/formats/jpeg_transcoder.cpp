// SPDX-License-Identifier: Apache-2.0
#include "image/formats/jpeg_transcoder.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "image/formats/jpeg_coding.h"

namespace inpaintd {
namespace {

struct Transcoder : JpegWriter {
  void fail(const std::string& message) const override {
    throw NotTranscodable{"libjpeg cannot write such a file: " + message};
  }
};

std::span<const jpeg_component_info> components_of(const jpeg_decompress_struct& jpeg) {
  return {jpeg.comp_info, static_cast<std::size_t>(jpeg.num_components)};
}

/// Decoders smooth a picture whose coefficients are not known to their last bit, across the edges of blocks.
bool is_smoothed(const jpeg_decompress_struct& jpeg) {
  if (jpeg.progressive_mode == FALSE) return false;
  for (int c = 0; c < jpeg.num_components; ++c)
    if (std::any_of(jpeg.coef_bits[c], jpeg.coef_bits[c] + DCTSIZE2, [](int missing) { return missing != 0; }))
      return true;
  return false;
}

/// Whether a table has a code for each symbol that 8-bit pictures need.
bool is_complete(const JHUFF_TBL* table, bool for_dc) {
  if (table == nullptr) return false;
  std::array<bool, 256> has{};
  std::size_t count = 0;
  for (int length = 1; length <= 16; ++length) count += table->bits[length];
  for (std::size_t i = 0; i < std::min(count, has.size()); ++i) has[table->huffval[i]] = true;
  if (for_dc) return std::all_of(has.begin(), has.begin() + 12, [](bool each) { return each; });  // sizes 0..11
  bool complete = has[0x00] && has[0xF0];  // end of block, sixteen zeros
  for (std::size_t run = 0; run < 16; ++run)
    for (std::size_t size = 1; size <= 10; ++size) complete = complete && has[run << 4 | size];
  return complete;
}

void copy_table(JHUFF_TBL*& to, const JHUFF_TBL& from, j_compress_ptr jpeg) {
  if (to == nullptr) to = jpeg_alloc_huff_table(reinterpret_cast<j_common_ptr>(jpeg));
  std::ranges::copy(from.bits, to->bits);
  std::ranges::copy(from.huffval, to->huffval);
  to->sent_table = FALSE;
}

/// Uses the Huffman tables of the file if each of them has all codes; otherwise tables are made for the picture.
void choose_tables(const jpeg_decompress_struct& from, jpeg_compress_struct& to) {
  to.optimize_coding = std::ranges::all_of(components_of(from),
                                           [&](const jpeg_component_info& info) {
                                             return is_complete(from.dc_huff_tbl_ptrs[info.dc_tbl_no], true) &&
                                                    is_complete(from.ac_huff_tbl_ptrs[info.ac_tbl_no], false);
                                           })
                           ? FALSE
                           : TRUE;
  if (to.optimize_coding == TRUE) return;
  for (int c = 0; c < from.num_components; ++c) {
    const int dc = to.comp_info[c].dc_tbl_no = from.comp_info[c].dc_tbl_no;
    const int ac = to.comp_info[c].ac_tbl_no = from.comp_info[c].ac_tbl_no;
    copy_table(to.dc_huff_tbl_ptrs[dc], *from.dc_huff_tbl_ptrs[dc], &to);
    copy_table(to.ac_huff_tbl_ptrs[ac], *from.ac_huff_tbl_ptrs[ac], &to);
  }
}

/// The scans as an encoder takes them; none for a file with one scan of everything.
std::vector<jpeg_scan_info> scans_of(const JpegReader& reader) {
  std::vector<jpeg_scan_info> scans = reader.scans;
  if (reader.jpeg.progressive_mode == TRUE) return scans;
  if (scans.size() == 1) return {};
  for (jpeg_scan_info& scan : scans) scan = {scan.comps_in_scan, {}, 0, DCTSIZE2 - 1, 0, 0};
  for (std::size_t i = 0; i < scans.size(); ++i)
    std::ranges::copy(reader.scans[i].component_index, scans[i].component_index);
  return scans;
}

}  // namespace

JpegCoefficients::JpegCoefficients(Bytes file) : reader_(std::make_unique<JpegReader>()), file_bytes_(file.size()) {
  open(*reader_, file, no_limits);
  arrays_ = jpeg_read_coefficients(&reader_->jpeg);
}

JpegCoefficients::JpegCoefficients(std::unique_ptr<JpegReader> decoder, std::size_t file_bytes)
    : reader_(std::move(decoder)), file_bytes_(file_bytes), arrays_(jpeg_read_coefficients(&reader_->jpeg)) {}

void JpegCoefficients::check_transcodable() const {
  const auto& jpeg = reader_->jpeg;
  if (jpeg.arith_code == TRUE) throw NotTranscodable{"it is arithmetic-coded"};
  if (is_smoothed(jpeg)) throw NotTranscodable{"it is progressive, and its last scans are missing"};
  for (const auto& info : components_of(jpeg))
    if (!can_quantise(*info.quant_table)) throw NotTranscodable{"its quantisation tables are unusual"};
}

Size JpegCoefficients::size() const {
  return {static_cast<int>(reader_->jpeg.image_width), static_cast<int>(reader_->jpeg.image_height)};
}

Size JpegCoefficients::unit() const {
  return {reader_->jpeg.max_h_samp_factor * DCTSIZE, reader_->jpeg.max_v_samp_factor * DCTSIZE};
}

Size JpegCoefficients::block(int component) const {
  const jpeg_component_info& info = reader_->jpeg.comp_info[component];
  return {unit().width / info.h_samp_factor, unit().height / info.v_samp_factor};
}

JBLOCKROW JpegCoefficients::row(int component, int index) {
  auto* jpeg = reinterpret_cast<j_common_ptr>(&reader_->jpeg);
  return *jpeg->mem->access_virt_barray(jpeg, arrays_[component], static_cast<JDIMENSION>(index), 1, TRUE);
}

std::string JpegCoefficients::encode(const Pixels& samples) const {
  Transcoder writer;
  writer.open();
  auto& jpeg = writer.jpeg;
  jpeg_copy_critical_parameters(&reader_->jpeg, &jpeg);
  jpeg.image_width = static_cast<JDIMENSION>(samples.width);
  jpeg.image_height = static_cast<JDIMENSION>(samples.height);
  jpeg.input_components = samples.channels;
  jpeg.in_color_space = samples.channels == 1 ? JCS_GRAYSCALE : samples.channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_start_compress(&jpeg, TRUE);
  for (int y = 0; y < samples.height; ++y) {
    auto* line = const_cast<JSAMPLE*>(samples.row(y));
    jpeg_write_scanlines(&jpeg, &line, 1);
  }
  jpeg_finish_compress(&jpeg);
  return std::move(writer.output.file);
}

std::string JpegCoefficients::write(const Surroundings& surroundings) {
  try {
    return write(surroundings, true);
  } catch (const NotTranscodable&) {
    // The encoder checks the order of scans more strictly than decoders do.
    if (scans_of(*reader_).empty()) throw;
    return write(surroundings, false);
  }
}

std::string JpegCoefficients::write(const Surroundings& surroundings, bool own_scans) {
  Transcoder writer;
  writer.open();
  writer.output.expected += file_bytes_;
  auto& jpeg = writer.jpeg;
  jpeg_copy_critical_parameters(&reader_->jpeg, &jpeg);
  jpeg.write_JFIF_header = jpeg.write_Adobe_marker = FALSE;  // they are among the segments
  jpeg.restart_interval = reader_->jpeg.restart_interval;
  choose_tables(reader_->jpeg, jpeg);
  const std::vector<jpeg_scan_info> scans = scans_of(*reader_);
  if (own_scans && !scans.empty()) {
    jpeg.scan_info = scans.data();
    jpeg.num_scans = static_cast<int>(scans.size());
  } else if (reader_->jpeg.progressive_mode == TRUE) {
    jpeg_simple_progression(&jpeg);
  }
  jpeg_write_coefficients(&jpeg, arrays_);
  for (const Segment& segment : surroundings.segments)
    jpeg_write_marker(&jpeg, segment.marker, reinterpret_cast<const JOCTET*>(segment.data.data()),
                      static_cast<unsigned>(segment.data.size()));
  jpeg_finish_compress(&jpeg);
  return std::move(writer.output.file.append(surroundings.trailer));
}

std::size_t bytes_of(const JpegCoefficients& coefficients) {
  const auto& jpeg = coefficients.reader().jpeg;
  std::size_t bytes = coefficient_bytes(jpeg);
  for (auto marker = jpeg.marker_list; marker != nullptr; marker = marker->next) bytes += marker->data_length;
  return bytes;
}

}  // namespace inpaintd
