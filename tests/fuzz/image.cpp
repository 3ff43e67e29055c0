// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/image.h"

#include "tests/fuzz/fuzz.h"

namespace inpaintd::fuzz {
namespace {

constexpr ImageLimits no_limits{.pixels_max = 1'000'000, .side_max = 16'384};

bool inside(const Rect& part, Size whole) {
  return part.x >= 0 && part.y >= 0 && part.right() <= whole.width && part.bottom() <= whole.height;
}

void check_tile(const Tile& tile, Size picture) {
  require(!tile.window.empty() && inside(tile.window, picture), "a window lies inside of the picture");
  require(inside(tile.need, tile.scaled), "what is needed of an answer lies inside of it");
  require(tile.image->channels == 3 && tile.mask->channels == 1 && tile.image->size() == tile.mask->size(),
          "a tile's mask has its image's size");
  const Size size = tile.network_size();
  require(size.width % 8 == 0 && size.height % 8 == 0 && size.width >= tile.scaled.width &&
              size.height >= tile.scaled.height,
          "the network sees multiples of 8, and all of the tile");
}

void check_prepared(const Input& input) {
  const Size picture = input.picture.rgb.size();
  require(input.picture.rgb.channels == 3 && input.holes->mask.size() == picture, "a mask has its picture's size");
  require(input.picture.alpha.empty() || input.picture.alpha.size() == picture, "alpha has its picture's size");
  require(input.tiles.empty() == input.holes->box.empty(), "there is a tile where there is a hole");
  for (const Tile& tile : input.tiles) check_tile(tile, picture);
  for (const Patch& patch : input.holes->patches)
    require(patch.tile < input.tiles.size() && inside(patch.area, picture), "a patch belongs to a tile");
}

void check_rendered(const Input& input) {
  std::vector<Pixels> answers;
  for (const Tile& tile : input.tiles) answers.push_back(*tile.image);
  const auto rendered = render(input, answers);
  require(bool(rendered), "what was prepared can be rendered");
  const auto again =
      rendered->format == Format::raw
          ? decode_image(RawPixels{rendered->size.width, rendered->size.height, bytes_of(rendered->bytes)}, no_limits)
          : decode_image(EncodedFile{bytes_of(rendered->bytes)}, no_limits);
  require(bool(again), "what was rendered can be read");
  require(again->rgb.size() == rendered->size, "what was rendered has the size that the reply tells");
}

}  // namespace

std::string encoded(const Options& options) {
  // In the reverse of the order in which take_options takes them.
  std::string bytes;
  for (const int value :
       {static_cast<int>(options.alpha), options.lossless ? 1 + static_cast<int>(*options.lossless) : 0,
        static_cast<int>(options.background.red), static_cast<int>(options.mask_values), options.feather,
        options.dilate, static_cast<int>(options.strategy), static_cast<int>(options.region),
        options.quality.value_or(0), static_cast<int>(options.format)})
    bytes += static_cast<char>(value);
  return bytes;
}

Options take_options(FuzzedDataProvider& input) {
  Options options;
  options.format = static_cast<Format>(input.ConsumeIntegralInRange(0, static_cast<int>(Format::raw)));
  if (const int quality = input.ConsumeIntegralInRange(0, 100); quality > 0) options.quality = quality;
  options.region = static_cast<Region>(input.ConsumeIntegralInRange(0, static_cast<int>(Region::patch)));
  options.strategy = static_cast<Strategy>(input.ConsumeIntegralInRange(0, static_cast<int>(Strategy::resize)));
  options.dilate = input.ConsumeIntegralInRange(0, dilate_max);
  options.feather = input.ConsumeIntegralInRange(0, feather_max);
  options.mask_values = static_cast<MaskValues>(input.ConsumeIntegralInRange(0, static_cast<int>(MaskValues::nonzero)));
  options.background.red = input.ConsumeIntegral<std::uint8_t>();
  if (const int choice = input.ConsumeIntegralInRange(0, 2); choice > 0) options.lossless = choice == 2;
  options.alpha = static_cast<AlphaFill>(input.ConsumeIntegralInRange(0, static_cast<int>(AlphaFill::fill)));
  return options;
}

void check_pipeline(const Request& request) {
  const auto input = prepare(request, image_limits, tiling_limits);
  if (input) {
    check_prepared(*input);
    return check_rendered(*input);
  }
  const ErrorCode code = input.error().code;
  require(code == ErrorCode::unsupported_image || code == ErrorCode::too_large || code == ErrorCode::bad_request ||
              code == ErrorCode::size_mismatch,
          "a picture or mask that is refused is the client's mistake");
  require_readable(input.error());
}

void check_picture(Bytes input) {
  FuzzedDataProvider provider(input.data(), input.size());
  Request request;
  request.options = take_options(provider);
  const bool own_mask = !provider.ConsumeBool();
  const auto file = provider.ConsumeRemainingBytes<std::uint8_t>();
  request.image = EncodedFile{file};
  request.mask = RectMask{{{0, 0, 1, 1}}};
  if (own_mask) request.mask = EncodedFile{file};
  check_pipeline(request);
}

std::vector<std::string> with_options(const std::vector<std::string>& files) {
  const Options choices[] = {
      {},
      {Format::jpeg, 50, Region::patch, Strategy::crop, 3, 5},
      {Format::webp, 90, Region::full, Strategy::resize, 0, 8},
      {Format::webp, {}, Region::full, Strategy::crop, 0, 0, MaskValues::automatic, {}, true},
      {Format::raw, 1, Region::full, Strategy::whole, 64, 64},
  };
  std::vector<std::string> inputs;
  for (const std::string& file : files)
    for (const Options& options : choices) inputs.push_back(file + '\0' + encoded(options));
  return inputs;
}

}  // namespace inpaintd::fuzz
