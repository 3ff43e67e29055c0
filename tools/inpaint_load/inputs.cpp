// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/inputs.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

#include "bus/connection.h"
#include "image/codec.h"
#include "image/geometry.h"
#include "tools/shared/files.h"

namespace inpaintd::tools {
namespace {

constexpr std::size_t photographs_max = 64;

using Random = std::mt19937_64;

int between(Random& random, int low, int high) {
  return std::uniform_int_distribution<int>(low, std::max(low, high))(random);
}

/// Sets the pixels [left, right) of one row, clipped to the mask.
void fill_row(DrawnMask& mask, int y, int left, int right) {
  left = std::max(left, 0);
  right = std::min(right, mask.size.width);
  if (y < 0 || y >= mask.size.height || left >= right) return;
  std::uint8_t* row =
      mask.bits.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>((mask.size.width + 7) / 8);
  for (int x = left; x < right;) {
    if (x % 8 == 0 && right - x >= 8) {
      row[x / 8] = 0xff;
      x += 8;
    } else {
      row[x / 8] = static_cast<std::uint8_t>(row[x / 8] | 0x80 >> x % 8);
      ++x;
    }
  }
}

void fill_disc(DrawnMask& mask, double x, double y, int radius) {
  for (int dy = -radius; dy <= radius; ++dy) {
    const double half_width = std::sqrt(static_cast<double>(radius * radius - dy * dy));
    fill_row(mask, static_cast<int>(y) + dy, static_cast<int>(x - half_width), static_cast<int>(x + half_width) + 1);
  }
}

void draw_box(DrawnMask& mask, Random& random) {
  const int width = between(random, mask.size.width / 4, mask.size.width / 2);
  const int height = between(random, mask.size.height / 4, mask.size.height / 2);
  const int left = between(random, 0, mask.size.width - width);
  const int top = between(random, 0, mask.size.height - height);
  for (int y = top; y < top + height; ++y) fill_row(mask, y, left, left + width);
}

void draw_hole(DrawnMask& mask, Random& random) {
  const int side = std::min(mask.size.width, mask.size.height);
  const int smallest = std::max(1, side / 10), largest = std::max(1, side / 2);
  const int width = between(random, smallest, largest), height = between(random, smallest, largest);
  const int left = between(random, 0, mask.size.width - width), top = between(random, 0, mask.size.height - height);
  for (int y = 0; y < height; ++y) {
    const double from_middle = (2.0 * y + 1) / height - 1;
    const double half = std::sqrt(1 - from_middle * from_middle) * width / 2;
    const int first = static_cast<int>(width / 2.0 - half);
    fill_row(mask, top + y, left + first, left + width - first);
  }
}

void draw_stroke(DrawnMask& mask, Random& random) {
  const int side = std::min(mask.size.width, mask.size.height);
  const int radius = std::max(1, between(random, side / 40, side / 16));
  std::uniform_real_distribution<double> part(0.0, 1.0);
  double x = part(random) * mask.size.width;
  double y = part(random) * mask.size.height;
  double direction = part(random) * 6.283;
  const double step = std::max(1.0, radius / 2.0);
  for (double left = side / 2.0; left > 0; left -= step) {
    fill_disc(mask, x, y, radius);
    direction += (part(random) - 0.5) * 0.6;
    x += step * std::cos(direction);
    y += step * std::sin(direction);
  }
}

std::vector<std::uint8_t> grid_of_noise(int cells, Random& random) {
  std::vector<std::uint8_t> grid(static_cast<std::size_t>(cells) * static_cast<std::size_t>(cells) * 3);
  for (std::uint8_t& value : grid) value = static_cast<std::uint8_t>(between(random, 16, 239));
  return grid;
}

/// The part `window` of the picture, scaled.
Pixels scale(const Pixels& rgb, const Rect& window, Size size) {
  const auto cut_out = cut_image(rgb, plan_tile(Pixels(rgb.width, rgb.height, 1), {window, size, padded(size)}));
  Pixels result(size.width, size.height, 3);  // leaves out the padding of the tile
  for (int y = 0; y < size.height; ++y) std::copy_n(cut_out->row(y), result.stride(), result.row(y));
  return result;
}

/// The largest centred square of the picture, scaled to `side` x `side` pixels.
Pixels square(const Pixels& rgb, int side) {
  const int cut = std::min(rgb.width, rgb.height);
  return scale(rgb, {(rgb.width - cut) / 2, (rgb.height - cut) / 2, cut, cut}, {side, side});
}

Result<LoadPicture> encode(Pixels rgb, Format format) {
  Picture picture;
  picture.rgb = std::move(rgb);
  constexpr int quality = 90;
  auto bytes = encode_image(picture, format, quality, true);  // WebP without losses: answers can be compared exactly
  if (!bytes) return bytes.error();
  return LoadPicture{picture.rgb.size(), format, std::move(*bytes)};
}

Result<std::vector<Pixels>> read_photographs(const std::filesystem::path& folder) {
  auto listing = list_folder(folder);
  if (!listing) return std::move(listing.error());
  auto& files = listing->pictures;
  if (files.empty())
    return Error{ErrorCode::bad_request, "the folder " + folder.string() + " has no JPEG, PNG or WebP files"};
  files.resize(std::min(files.size(), photographs_max));
  std::vector<Pixels> photographs;
  for (const auto& file : files) {
    const auto content = read_file(file);
    if (!content) return content.error();
    auto picture = decode_image(EncodedFile{as_bytes(*content)}, ImageLimits{});
    if (!picture) return Error{picture.error().code, file.string() + ": " + picture.error().message};
    photographs.push_back(std::move(picture->rgb));
  }
  return photographs;
}

}  // namespace

DrawnMask draw_mask(MaskKind kind, Size size, std::uint64_t seed) {
  DrawnMask mask{size, {}};
  mask.bits.resize(static_cast<std::size_t>((size.width + 7) / 8) * static_cast<std::size_t>(size.height));
  Random random(seed);
  if (kind == MaskKind::box)
    draw_box(mask, random);
  else if (kind == MaskKind::hole)
    draw_hole(mask, random);
  else
    for (int i = 0; i < 4; ++i) draw_stroke(mask, random);
  return mask;
}

DrawnMask stretch(const DrawnMask& mask, Size size) {
  DrawnMask stretched{size, {}};
  const auto decoded = decode_mask(mask.view(), mask.size, ImageLimits{});
  if (!decoded) return stretched;
  const Tile tile = plan_tile(decoded->holes, {{0, 0, mask.size.width, mask.size.height}, size, padded(size)});
  stretched.bits.resize(static_cast<std::size_t>((size.width + 7) / 8) * static_cast<std::size_t>(size.height));
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x)
      if (tile.mask->row(y)[x] != 0) fill_row(stretched, y, x, x + 1);
  return stretched;
}

Result<Picture> decode_picture(Format format, Size size, Bytes bytes) {
  const ImageSource source =
      format == Format::raw ? ImageSource(RawPixels{size.width, size.height, bytes}) : ImageSource(EncodedFile{bytes});
  return decode_image(source, ImageLimits{});
}

Result<LoadPicture> stretch(const LoadPicture& picture, Size size) {
  const auto decoded = decode_picture(picture.format, picture.size, as_bytes(picture.bytes));
  if (!decoded) return decoded.error();
  const auto& [width, height] = picture.size;
  auto stretched = encode(scale(decoded->rgb, {0, 0, width, height}, size), picture.format);
  if (stretched) stretched->stretched_from = picture.size;
  return stretched;
}

Pixels make_noise(int side, std::uint64_t seed) {
  constexpr int cells = 17;
  Random random(seed);
  const auto grid = grid_of_noise(cells, random);
  const auto at = [&grid](int gx, int gy, int c) {
    return static_cast<double>(grid[static_cast<std::size_t>((gy * cells + gx) * 3 + c)]);
  };
  Pixels rgb(side, side, 3);
  for (int y = 0; y < side; ++y) {
    const double v = static_cast<double>(y) / side * (cells - 1);
    const int gy = static_cast<int>(v);
    for (int x = 0; x < side; ++x) {
      const double u = static_cast<double>(x) / side * (cells - 1);
      const int gx = static_cast<int>(u);
      const int grain = static_cast<int>(random() % 9) - 4;
      for (int c = 0; c < 3; ++c) {
        const double above = std::lerp(at(gx, gy, c), at(gx + 1, gy, c), u - gx);
        const double below = std::lerp(at(gx, gy + 1, c), at(gx + 1, gy + 1, c), u - gx);
        rgb.row(y)[x * 3 + c] = static_cast<std::uint8_t>(std::lerp(above, below, v - gy) + grain);
      }
    }
  }
  return rgb;
}

Result<std::vector<LoadPicture>> prepare_pictures(const std::vector<int>& sides, Format format,
                                                  const std::filesystem::path& photographs, int count,
                                                  std::uint64_t seed) {
  std::vector<Pixels> sources;
  if (!photographs.empty()) {
    auto read = read_photographs(photographs);
    if (!read) return read.error();
    sources = std::move(*read);
    count = static_cast<int>(sources.size());
  }
  std::vector<LoadPicture> pictures;
  for (int side : sides) {
    for (int i = 0; i < count; ++i) {
      auto picture = encode(sources.empty() ? make_noise(side, seed + static_cast<std::uint64_t>(i))
                                            : square(sources[static_cast<std::size_t>(i)], side),
                            format);
      if (!picture) return picture.error();
      pictures.push_back(std::move(*picture));
    }
  }
  return pictures;
}

Result<std::vector<LoadPicture>> prepare_sizes(const std::vector<Size>& sizes, Format format, std::uint64_t seed) {
  int side = 0;
  for (const Size& size : sizes) side = std::max({side, size.width, size.height});
  const Pixels noise = make_noise(side, seed);
  std::vector<LoadPicture> pictures;
  for (const auto& [width, height] : sizes) {
    Pixels part(width, height, 3);
    for (int y = 0; y < height; ++y) std::copy_n(noise.row(y), part.stride(), part.row(y));
    auto picture = encode(std::move(part), format);
    if (!picture) return picture.error();
    pictures.push_back(std::move(*picture));
  }
  return pictures;
}

Result<std::vector<LoadPicture>> prepare_photographs(const std::filesystem::path& photographs, Format format) {
  auto sources = read_photographs(photographs);
  if (!sources) return sources.error();
  std::vector<LoadPicture> pictures;
  for (Pixels& each : *sources) {
    auto picture = encode(std::move(each), format);
    if (!picture) return picture.error();
    pictures.push_back(std::move(*picture));
  }
  return pictures;
}

}  // namespace inpaintd::tools
