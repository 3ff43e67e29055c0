// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "image/codec.h"
#include "image/formats/formats.h"
#include "image/mask_values.h"

namespace inpaintd {
namespace {

constexpr std::uint8_t hole = 255;
constexpr std::size_t rects_max = 65'536;  // bounds the time for a mask, their number times the picture's height

/// The eight samples of each byte of a bit mask; this table is ten times faster than a loop over bits.
constexpr auto samples_of_byte = [] {
  std::array<std::array<std::uint8_t, 8>, 256> table{};
  for (std::size_t byte = 0; byte < 256; ++byte)
    for (std::size_t bit = 0; bit < 8; ++bit) table[byte][bit] = (byte << bit) & 0x80 ? hole : 0;
  return table;
}();

void check_same_size(std::int64_t width, std::int64_t height, Size picture) {
  if (width == picture.width && height == picture.height) return;
  refuse(ErrorCode::size_mismatch, "the mask is " + text(width, height) + " and the picture " +
                                       text(picture.width, picture.height) +
                                       " (as displayed); send a mask of the picture's size");
}

void check_length(const Bytes& data, std::int64_t wanted, std::int64_t width, std::int64_t height,
                  std::string_view form) {
  if (static_cast<std::int64_t>(data.size()) == wanted) return;
  refuse(ErrorCode::bad_request, "a mask of " + text(width, height) + " needs " + std::to_string(wanted) +
                                     " bytes and has " + std::to_string(data.size()) + "; send " + std::string(form));
}

/// Calls `read`, and marks the error of a refusal as one about the mask.
template <class Read>
auto as_mask(const Read& read) {
  try {
    return read();
  } catch (Refused& refused) {
    refused.error.message.insert(0, "mask: ");
    throw;
  }
}

struct MaskDecoder {
  Size picture;
  const ImageLimits& limits;
  MaskValues values;

  DecodedMask operator()(const EncodedFile& file) const {
    DecodedMask mask = as_mask([&] { return mask_of_file(file.data, values, limits); });
    check_same_size(mask.holes.width, mask.holes.height, picture);
    return mask;
  }

  DecodedMask operator()(const RawPixels& raw) const {
    check_size(raw.width, raw.height, limits, ErrorCode::bad_request);
    check_length(raw.data, raw.width * raw.height, raw.width, raw.height, "one byte for each pixel");
    check_same_size(raw.width, raw.height, picture);
    return as_mask([&] { return mask_of_samples(raw.data.data(), picture, values); });
  }

  DecodedMask operator()(const BitMask& bits) const {
    check_size(bits.width, bits.height, limits, ErrorCode::bad_request);
    const std::int64_t stride = (bits.width + 7) / 8;
    check_length(bits.data, stride * bits.height, bits.width, bits.height, "rows of bits padded to whole bytes");
    check_same_size(bits.width, bits.height, picture);
    Pixels mask(picture.width, picture.height, 1);
    for (int y = 0; y < mask.height; ++y) {
      const std::uint8_t* from = bits.data.data() + y * stride;
      for (int x = 0; x < mask.width; x += 8)
        std::copy_n(samples_of_byte[*from++].begin(), std::min(8, mask.width - x), mask.row(y) + x);
    }
    return noted(std::move(mask), "all of its bits are 0; set the bits of the holes to 1");
  }

  DecodedMask operator()(const RectMask& source) const {
    if (source.rects.size() > rects_max)
      refuse(ErrorCode::bad_request,
             "a mask may have at most " + std::to_string(rects_max) + " rectangles; send a mask of bits");
    for (const Rect& rect : source.rects) check_inside(rect);
    Pixels mask(picture.width, picture.height, 1);
    // Each row counts where rectangles begin and end, so that overlapping rectangles take no more time than others.
    std::vector<int> steps(static_cast<std::size_t>(picture.width) + 1);
    for (int y = 0; y < mask.height; ++y) {
      bool any = false;
      for (const Rect& rect : source.rects) {
        if (y < rect.y || y >= rect.bottom()) continue;
        any = true;
        ++steps[static_cast<std::size_t>(rect.x)];
        --steps[static_cast<std::size_t>(rect.right())];
      }
      if (any) fill_row(steps, mask.row(y));
    }
    return noted(std::move(mask), "its list of rectangles is empty; send at least one");
  }

 private:
  static DecodedMask noted(Pixels holes, std::string_view why_empty) {
    DecodedMask mask{std::move(holes), {}};
    note_if_empty(mask, why_empty);
    return mask;
  }

  void check_inside(const Rect& rect) const {
    if (!rect.empty() && rect.x >= 0 && rect.y >= 0 && rect.width <= picture.width - rect.x &&
        rect.height <= picture.height - rect.y)
      return;
    refuse(ErrorCode::bad_request, "mask rectangle [" + std::to_string(rect.x) + ", " + std::to_string(rect.y) + ", " +
                                       std::to_string(rect.width) + ", " + std::to_string(rect.height) +
                                       "] is empty or not inside the picture of " +
                                       text(picture.width, picture.height) + "; send rectangles inside the picture");
  }

  static void fill_row(std::vector<int>& steps, std::uint8_t* row) {
    int depth = 0;
    for (std::size_t x = 0; x + 1 < steps.size(); ++x) row[x] = (depth += steps[x]) > 0 ? hole : 0;
    std::fill(steps.begin(), steps.end(), 0);
  }
};

}  // namespace

Header mask_header(const MaskSource& source, Size picture, const ImageLimits& limits) {
  const auto* file = std::get_if<EncodedFile>(&source);
  if (!file) return {picture, 1, 1};
  Header header = as_mask([&] { return file_header(file->data, limits); });
  const auto [width, height] = header.size;
  if (header.size != Size{picture.height, picture.width}) check_same_size(width, height, picture);
  // A mask whose luma shows no hole is decoded again as stored, and that copy may be turned.
  header.decoding = std::max(header.decoding, 2 * header.stored);
  return header;
}

Result<DecodedMask> decode_mask(const MaskSource& source, Size size, const ImageLimits& limits, MaskValues values) {
  return guarded<DecodedMask>([&] { return std::visit(MaskDecoder{size, limits, values}, source); });
}

}  // namespace inpaintd
