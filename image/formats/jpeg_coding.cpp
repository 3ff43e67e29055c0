// SPDX-License-Identifier: Apache-2.0
#include "image/formats/jpeg_coding.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

namespace inpaintd {
namespace {

constexpr double standard_luma_sum = 3688;  // of the quantisers in ITU-T T.81, table K.1: quality 50
constexpr int all_ac_codes = 162;           // a table that was made for its picture has hardly ever all of them
constexpr int blocks_max = 10;              // of one interleaved unit (T.81, B.2.3)

/// The inverse of jpeg_quality_scaling.
int quality_of(const JpegCoding::Table& luma) {
  const double percent = 100 * std::accumulate(luma.begin(), luma.end(), 0.0) / standard_luma_sum;
  const double quality = percent <= 100 ? 100 - percent / 2 : 5000 / percent;
  return std::clamp(static_cast<int>(std::lround(quality)), 1, 100);
}

bool has_own_codes(const jpeg_decompress_struct& jpeg) {
  return std::ranges::any_of(jpeg.ac_huff_tbl_ptrs, [](const JHUFF_TBL* table) {
    return table != nullptr && std::accumulate(table->bits + 1, table->bits + 17, 0) != all_ac_codes;
  });
}

/// Whether libjpeg can write these sampling factors: whole ratios, and no more blocks than a unit may have.
bool writable(const JpegCoding& coding) {
  int horizontal = 1, vertical = 1, blocks = 0;
  for (const auto& each : coding.components) {
    horizontal = std::max(horizontal, each.horizontal);
    vertical = std::max(vertical, each.vertical);
    blocks += each.horizontal * each.vertical;
  }
  const auto whole = [&](const auto& each) {
    return horizontal % each.horizontal == 0 && vertical % each.vertical == 0;
  };
  return blocks <= blocks_max && std::ranges::all_of(coding.components, whole);
}

}  // namespace

Coding coding_of(const jpeg_decompress_struct& jpeg) {
  auto coding = std::make_shared<JpegCoding>();
  for (const jpeg_component_info& info : std::span(jpeg.comp_info, static_cast<std::size_t>(jpeg.num_components))) {
    if (info.quant_table == nullptr) return {95, nullptr};
    JpegCoding::Component component{info.h_samp_factor, info.v_samp_factor, {}};
    std::copy_n(info.quant_table->quantval, component.table.size(), component.table.begin());
    coding->components.push_back(component);
  }
  Coding result{quality_of(coding->components.front().table), nullptr};
  if (coding->components.size() == 1) coding->components[0].horizontal = coding->components[0].vertical = 1;
  coding->rgb = jpeg.jpeg_color_space == JCS_RGB;
  coding->progressive = jpeg.progressive_mode == TRUE;
  coding->optimized = coding->progressive || jpeg.arith_code == TRUE || has_own_codes(jpeg);
  const auto space = jpeg.jpeg_color_space;
  if ((space == JCS_GRAYSCALE || space == JCS_YCbCr || space == JCS_RGB) && writable(*coding))
    result.jpeg = std::move(coding);
  return result;
}

Coding transposed(const Coding& coding) {
  if (coding.jpeg == nullptr) return coding;
  auto turned = std::make_shared<JpegCoding>(*coding.jpeg);
  for (auto& component : turned->components) {
    std::swap(component.horizontal, component.vertical);
    for (std::size_t y = 0; y < 8; ++y)
      for (std::size_t x = 0; x < y; ++x) std::swap(component.table[y * 8 + x], component.table[x * 8 + y]);
  }
  return {coding.quality, std::move(turned)};
}

void apply(const JpegCoding& coding, jpeg_compress_struct& jpeg) {
  if (coding.rgb) jpeg_set_colorspace(&jpeg, JCS_RGB);
  std::vector<JpegCoding::Table> tables;  // components with equal quantisers share a table
  for (std::size_t i = 0; i < coding.components.size(); ++i) {
    const auto& component = coding.components[i];
    auto found = std::ranges::find(tables, component.table);
    if (found == tables.end()) {
      const std::array<unsigned, 64> values = [&] {
        std::array<unsigned, 64> copy{};
        std::ranges::copy(component.table, copy.begin());
        return copy;
      }();
      jpeg_add_quant_table(&jpeg, static_cast<int>(tables.size()), values.data(), 100, FALSE);
      found = tables.insert(tables.end(), component.table);
    }
    jpeg.comp_info[i].quant_tbl_no = static_cast<int>(found - tables.begin());
    jpeg.comp_info[i].h_samp_factor = component.horizontal;
    jpeg.comp_info[i].v_samp_factor = component.vertical;
  }
  jpeg.optimize_coding = coding.optimized ? TRUE : FALSE;
  if (coding.progressive) jpeg_simple_progression(&jpeg);
}

}  // namespace inpaintd
