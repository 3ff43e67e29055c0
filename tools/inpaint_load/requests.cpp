// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <random>
#include <string_view>
#include <utility>

#include "bus/wire/wire.h"

namespace inpaintd::tools {
namespace {

constexpr std::size_t probe_number = 9'999'999'999;  // ten digits, the length of every id's number

std::string random_bytes(std::size_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::string bytes(count, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

/// Bytes that begin with the signature of a picture, so that the service detects the fault only when it decodes them.
std::string break_picture(const LoadPicture& picture) {
  constexpr std::string_view png = "\x89PNG\r\n\x1a\n";
  const std::string_view magic = picture.format == Format::raw ? png : std::string_view(picture.bytes).substr(0, 12);
  return std::string(magic) + random_bytes(std::max<std::size_t>(picture.bytes.size() / 8, 64), 1);
}

std::size_t mask_bytes(Size size) {
  return static_cast<std::size_t>((size.width + 7) / 8) * static_cast<std::size_t>(size.height);
}

ImageSource source_of(const LoadPicture& picture) {
  if (picture.format == Format::raw) return RawPixels{picture.size.width, picture.size.height, as_bytes(picture.bytes)};
  return EncodedFile{as_bytes(picture.bytes)};
}

}  // namespace

Result<std::vector<LoadPicture>> pictures_for(const LoadOptions& options, int noise_pictures) {
  if (options.as_is) return prepare_photographs(options.images, options.format);
  if (!options.sizes.empty()) return prepare_sizes(options.sizes, options.format, options.seed);
  return prepare_pictures(sides_of(options.mix), options.format, options.images, noise_pictures, options.seed);
}

RequestMaker::RequestMaker(const LoadOptions& options, std::vector<LoadPicture> pictures)
    : options_(options),
      pictures_(std::move(pictures)),
      pictures_per_side_(pictures_.size() / options_.mix.sides.size()),
      name_("load-" + unique_id() + "-") {
  for (const LoadPicture& picture : pictures_) frames_.push_back(make_frame(source_of(picture), picture.size));
  for (std::size_t side = 0; side < options_.mix.sides.size(); ++side) {
    const LoadPicture& picture = pictures_[side * pictures_per_side_];
    const std::string broken = break_picture(picture);
    broken_.push_back(make_frame(EncodedFile{as_bytes(broken)}, picture.size));
    wrongly_masked_.push_back(make_frame(source_of(picture), {picture.size.width + 8, picture.size.height}));
  }
}

RequestMaker::Frame RequestMaker::make_frame(const ImageSource& image, Size mask_size) const {
  const std::string marker = random_bytes(mask_bytes(mask_size), 7);  // occurs once in the request
  Request request;
  request.id = id(0);
  request.image = image;
  request.mask = BitMask{mask_size.width, mask_size.height, as_bytes(marker)};
  request.timeout = options_.timeout;
  request.options = options_.request;
  Frame frame{wire::encode_request(request)};
  frame.id_at = frame.bytes.find(request.id);
  frame.mask_at = frame.bytes.find(marker);
  assert(frame.id_at != std::string::npos && frame.mask_at != std::string::npos);
  return frame;
}

Choice RequestMaker::choice(std::size_t number) const {
  return choose(options_.mix, pictures_per_side_, options_.seed, number);
}

std::string RequestMaker::id(std::size_t number) const { return fmt::format("{}{:010}", name_, number); }

const LoadPicture& RequestMaker::picture(const Choice& choice) const {
  return pictures_[choice.side * pictures_per_side_ + choice.picture];
}

DrawnMask RequestMaker::mask(const Choice& choice) const { return mask_of(picture(choice), choice.mask_seed); }

DrawnMask RequestMaker::mask_of(const LoadPicture& picture, std::uint64_t seed) const {
  if (!picture.stretched_from) return draw_mask(options_.masks, picture.size, seed);
  return stretch(draw_mask(options_.masks, *picture.stretched_from, seed), picture.size);
}

RequestMaker::Frame& RequestMaker::frame_for(const Choice& choice) {
  if (choice.fate == Fate::broken_picture) return broken_[choice.side];
  if (choice.fate == Fate::wrong_mask) return wrongly_masked_[choice.side];
  return frames_[choice.side * pictures_per_side_ + choice.picture];
}

Bytes RequestMaker::fill(Frame& frame, std::size_t number, const DrawnMask* mask) {
  id(number).copy(frame.bytes.data() + frame.id_at, std::string::npos);
  if (mask != nullptr) std::copy(mask->bits.begin(), mask->bits.end(), frame.bytes.data() + frame.mask_at);
  return as_bytes(frame.bytes);
}

Bytes RequestMaker::encode(std::size_t number, const Choice& choice) {
  if (choice.fate == Fate::wrong_mask) return fill(frame_for(choice), number, nullptr);
  const DrawnMask drawn = mask(choice);
  return fill(frame_for(choice), number, &drawn);
}

std::string RequestMaker::probe_id() const { return id(probe_number); }

Bytes RequestMaker::encode_largest() {
  const auto largest = std::ranges::max_element(frames_, {}, [](const Frame& frame) { return frame.bytes.size(); });
  const auto& picture = pictures_[static_cast<std::size_t>(largest - frames_.begin())];
  const DrawnMask drawn = mask_of(picture, options_.seed + probe_number);
  return fill(*largest, probe_number, &drawn);
}

}  // namespace inpaintd::tools
