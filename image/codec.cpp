// SPDX-License-Identifier: Apache-2.0
#include "image/codec.h"

#include <algorithm>
#include <opencv2/core.hpp>
#include <optional>
#include <string_view>

#include "image/colour_profile.h"
#include "image/formats/formats.h"
#include "image/formats/jpeg_coding.h"
#include "image/mat.h"

namespace inpaintd {
namespace {

constexpr int jpeg_side_max = 65'500;
constexpr int webp_side_max = 16'383;

Format format_of(Bytes file) {
  const std::string_view head(reinterpret_cast<const char*>(file.data()), std::min<std::size_t>(file.size(), 12));
  if (head.starts_with("\xFF\xD8\xFF")) return Format::jpeg;
  if (head.starts_with("\x89PNG\r\n\x1A\n")) return Format::png;
  if (head.size() == 12 && head.starts_with("RIFF") && head.ends_with("WEBP")) return Format::webp;
  refuse(ErrorCode::unsupported_image, file.empty() ? "the file is empty; send a JPEG, PNG or WebP file"
                                                    : "the file is not a JPEG, PNG or WebP file; convert it to one");
}

Frame read_as(Format format, Bytes file, const ImageLimits& limits, Samples samples, Keep keep) {
  switch (format) {
    case Format::jpeg:
      return read_jpeg(file, limits, keep);
    case Format::png:
      return read_png(file, limits, samples);
    default:
      return read_webp(file, limits);
  }
}

Header header_as(Format format, Bytes file, const ImageLimits& limits) {
  switch (format) {
    case Format::jpeg:
      return jpeg_header(file, limits);
    case Format::png:
      return png_header(file, limits);
    default:
      return webp_header(file, limits);
  }
}

Picture decode_file(Bytes file, const ImageLimits& limits, Keep keep) {
  Frame frame = read_file(file, limits, Samples::expanded, keep);
  Picture picture;
  picture.format = frame.format;
  picture.icc = std::move(frame.icc);
  picture.colours = colour_space_of(picture.icc);
  picture.coding = std::move(frame.coding);
  picture.coefficients = std::move(frame.coefficients);
  picture.grey = frame.samples.channels <= 2;
  if (frame.samples.channels == 3) {
    picture.rgb = std::move(frame.samples);
    return picture;
  }
  const cv::Mat from = view(frame.samples);
  picture.rgb = Pixels(from.cols, from.rows, 3);
  constexpr int grey[] = {0, 0, 0, 1, 0, 2}, colour[] = {0, 0, 1, 1, 2, 2};
  cv::Mat rgb = view(picture.rgb);
  cv::mixChannels(&from, 1, &rgb, 1, picture.grey ? grey : colour, 3);
  if (from.channels() % 2 == 0) {
    picture.alpha = Pixels(from.cols, from.rows, 1);
    cv::extractChannel(from, view(picture.alpha), from.channels() - 1);
  }
  return picture;
}

void check_raw(const RawPixels& raw, const ImageLimits& limits) {
  check_size(raw.width, raw.height, limits, ErrorCode::bad_request);
  const std::int64_t wanted = raw.width * raw.height * 3;
  if (static_cast<std::int64_t>(raw.data.size()) != wanted)
    refuse(ErrorCode::bad_request, "a raw picture of " + text(raw.width, raw.height) + " needs " +
                                       std::to_string(wanted) + " bytes of RGB and has " +
                                       std::to_string(raw.data.size()) + "; send 3 bytes for each pixel");
}

Picture decode_raw(const RawPixels& raw, const ImageLimits& limits) {
  check_raw(raw, limits);
  Picture picture;
  picture.format = Format::raw;
  picture.rgb.width = static_cast<int>(raw.width);
  picture.rgb.height = static_cast<int>(raw.height);
  picture.rgb.channels = 3;
  picture.rgb.bytes.assign(raw.data.begin(), raw.data.end());
  return picture;
}

/// The RGB samples of the picture composed over `background`.
Pixels flattened(const Picture& picture, Colour background) {
  constexpr int opaque = 255;
  const int behind[] = {background.red, background.green, background.blue};
  Pixels rgb = picture.rgb;
  for (int y = 0; y < rgb.height; ++y) {
    std::uint8_t* sample = rgb.row(y);
    const std::uint8_t* alpha = picture.alpha.row(y);
    for (int x = 0; x < rgb.width; ++x, ++alpha)
      for (const int colour : behind) {
        const int sum = *sample * *alpha + colour * (opaque - *alpha);
        *sample++ = static_cast<std::uint8_t>((sum + opaque / 2) / opaque);
      }
  }
  return rgb;
}

/// The channels of the picture that a file of `format` holds. `copy` owns them unless they are the RGB samples of the
/// picture.
const Pixels& channels_for(const Picture& picture, Format format, Pixels& copy) {
  const bool grey = picture.grey && format != Format::webp;
  const bool alpha = !picture.alpha.empty() && format != Format::jpeg;
  if (!grey && !alpha) return picture.rgb;
  const int colours = grey ? 1 : 3;
  copy = Pixels(picture.rgb.width, picture.rgb.height, colours + (alpha ? 1 : 0));
  const cv::Mat from[] = {view(picture.rgb), alpha ? view(picture.alpha) : cv::Mat()};
  cv::Mat to = view(copy);
  const int pairs[] = {0, 0, grey ? 3 : 1, 1, 2, 2, 3, 3};  // second pair: the alpha of a grey picture, or green
  cv::mixChannels(from, alpha ? 2 : 1, &to, 1, pairs, static_cast<std::size_t>(copy.channels));
  return copy;
}

/// The ICC profile for `samples`; empty if the profile is for another colour space, in which it would be wrong.
std::string profile_for(const Picture& picture, const Pixels& samples) {
  constexpr std::size_t space_offset = 16;
  const std::string_view space = samples.channels <= 2 ? "GRAY" : "RGB ";
  return picture.icc.compare(std::min(space_offset, picture.icc.size()), space.size(), space) == 0 ? picture.icc : "";
}

std::string encode(const Picture& picture, Format format, std::optional<int> quality, std::optional<bool> lossless,
                   Colour background) {
  constexpr int best_quality = 95;  // for pictures that came from lossless files
  if (shows_background(picture, format)) {
    const bool grey = picture.grey && background.is_grey();
    const Picture opaque{flattened(picture, background), {}, picture.icc, grey, picture.format, picture.coding};
    return encode(opaque, format, quality, lossless, {});
  }
  const auto& rgb = picture.rgb;
  if (format == Format::raw) return {reinterpret_cast<const char*>(rgb.bytes.data()), rgb.bytes.size()};
  const int side = std::max(rgb.width, rgb.height);
  if (side > (format == Format::webp ? webp_side_max : format == Format::jpeg ? jpeg_side_max : side))
    refuse(ErrorCode::too_large,
           std::string(name(format)) + " cannot hold " + text(rgb.width, rgb.height) + " pixels; ask for format png");
  Pixels copy;
  const Pixels& samples = channels_for(picture, format, copy);
  const std::string icc = profile_for(picture, samples);
  if (format == Format::png) return write_png(samples, icc);
  const int used = quality.value_or(picture.coding.quality.value_or(best_quality));
  if (format == Format::jpeg) return write_jpeg(samples, icc, used, quality ? nullptr : picture.coding.jpeg.get());
  return write_webp(samples, icc,
                    encodes_losslessly(picture, format, quality, lossless) ? std::nullopt : std::optional(used));
}

}  // namespace

void check_size(std::int64_t width, std::int64_t height, const ImageLimits& limits, ErrorCode when_empty) {
  if (width < 1 || height < 1)
    refuse(when_empty, "the size " + text(width, height) + " has no pixels; send at least one pixel");
  if (width > limits.side_max || height > limits.side_max || width * height > limits.pixels_max)
    refuse(ErrorCode::too_large, "the size " + text(width, height) + " is too large; send at most " +
                                     std::to_string(limits.side_max) + " pixels a side and " +
                                     std::to_string(limits.pixels_max) + " pixels in all");
}

Header file_header(Bytes file, const ImageLimits& limits) {
  Header header = header_as(format_of(file), file, limits);
  header.decoding =
      std::max(header.decoding, 2 * header.channels);  // for a copy that is turned: EXIF may come last in a file
  return header;
}

Header image_header(const ImageSource& source, const ImageLimits& limits) {
  if (const auto* file = std::get_if<EncodedFile>(&source)) return file_header(file->data, limits);
  const auto& raw = std::get<RawPixels>(source);
  check_raw(raw, limits);
  return {{static_cast<int>(raw.width), static_cast<int>(raw.height)}, 3, 3};
}

Frame read_file(Bytes file, const ImageLimits& limits, Samples samples, Keep keep) {
  const Format format = format_of(file);
  Frame frame = read_as(format, file, limits, samples, keep);
  frame.format = format;
  const int orientation = exif_orientation(frame.exif);
  turn_upright(frame.samples, orientation);
  if (orientation >= 5) frame.coding = transposed(frame.coding);
  return frame;
}

Result<Picture> decode_image(const ImageSource& source, const ImageLimits& limits, Keep keep) {
  return guarded<Picture>([&] {
    if (const auto* file = std::get_if<EncodedFile>(&source)) return decode_file(file->data, limits, keep);
    return decode_raw(std::get<RawPixels>(source), limits);
  });
}

bool encodes_losslessly(const Picture& picture, Format format, std::optional<int> quality,
                        std::optional<bool> lossless) {
  if (format != Format::webp) return format != Format::jpeg;
  return lossless.value_or(!quality && !picture.coding.quality);
}

bool shows_background(const Picture& picture, Format format) {
  constexpr std::uint8_t opaque = 255;
  if ((format == Format::same ? picture.format : format) != Format::jpeg) return false;
  return std::ranges::any_of(picture.alpha.bytes, [](std::uint8_t alpha) { return alpha < opaque; });
}

Result<Size> picture_size(Bytes file, const ImageLimits& limits) {
  return guarded<Size>([&] { return file_header(file, limits).size; });
}

Result<std::string> encode_image(const Picture& picture, Format format, std::optional<int> quality,
                                 std::optional<bool> lossless, Colour background) {
  return guarded<std::string>(
      [&] { return encode(picture, format == Format::same ? picture.format : format, quality, lossless, background); });
}

}  // namespace inpaintd
