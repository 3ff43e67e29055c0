// SPDX-License-Identifier: Apache-2.0
#include "image/formats/jpeg_coding.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <numeric>
#include <span>
#include <utility>

namespace inpaintd {
namespace {

/// The luma quantisers of quality 50: ITU-T T.81, table K.1.
constexpr std::array standard_luma{16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
                                   14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
                                   18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
                                   49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99};
constexpr int all_ac_codes = 162;  // a table optimised for one picture hardly ever has all of them
constexpr int blocks_max = 10;     // limit for one interleaved unit (T.81, B.2.3)

/// The sum of the luma quantisers of libjpeg at a quality; baseline files limit each to 255.
int luma_sum(int quality) {
  const int percent = jpeg_quality_scaling(quality);
  int sum = 0;
  for (const int value : standard_luma) sum += std::clamp((value * percent + 50) / 100, 1, 255);
  return sum;
}

/// The quality whose quantisers are nearest to these.
int quality_of(const JpegCoding::Table& luma) {
  const int sum = std::accumulate(luma.begin(), luma.end(), 0);
  int best = 1;
  for (int quality = 2; quality <= 100; ++quality)
    if (std::abs(luma_sum(quality) - sum) < std::abs(luma_sum(best) - sum)) best = quality;
  return best;
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

bool can_quantise(const JQUANT_TBL& table) {
  constexpr int quantiser_max = 8191;
  return std::ranges::all_of(table.quantval, [](int each) { return each >= 1 && each <= quantiser_max; });
}

Coding coding_of(const jpeg_decompress_struct& jpeg) {
  auto coding = std::make_shared<JpegCoding>();
  bool quantises = true;
  for (const jpeg_component_info& info : std::span(jpeg.comp_info, static_cast<std::size_t>(jpeg.num_components))) {
    if (info.quant_table == nullptr) return {95, nullptr};
    JpegCoding::Component component{info.h_samp_factor, info.v_samp_factor, {}};
    std::copy_n(info.quant_table->quantval, component.table.size(), component.table.begin());
    coding->components.push_back(component);
    quantises = quantises && can_quantise(*info.quant_table);
  }
  Coding result{quality_of(coding->components.front().table), nullptr};
  if (coding->components.size() == 1) coding->components[0].horizontal = coding->components[0].vertical = 1;
  coding->rgb = jpeg.jpeg_color_space == JCS_RGB;
  coding->progressive = jpeg.progressive_mode == TRUE;
  coding->optimized = coding->progressive || jpeg.arith_code == TRUE || has_own_codes(jpeg);
  const auto space = jpeg.jpeg_color_space;
  if ((space == JCS_GRAYSCALE || space == JCS_YCbCr || space == JCS_RGB) && quantises && writable(*coding))
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
