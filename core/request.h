// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/colour.h"
#include "core/names.h"
#include "core/pixels.h"

namespace inpaintd {

using Bytes = std::span<const std::uint8_t>;

/// The bytes of `text`.
inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

enum class Format : std::uint8_t { same, png, jpeg, webp, raw };
enum class Region : std::uint8_t { full, patch };
enum class Strategy : std::uint8_t { automatic, whole, crop, resize };
/// How the values of a mask tell its holes.
enum class MaskValues : std::uint8_t { automatic, luma, alpha, nonzero };
/// What a fill does to transparency: holes keep their alpha, or become opaque as far as their surroundings are.
enum class AlphaFill : std::uint8_t { keep, fill };
enum class Priority : std::uint8_t { high, normal, low };

template <>
struct EnumNames<Format> {
  static constexpr std::array<std::string_view, 5> names{"same", "png", "jpeg", "webp", "raw"};
};
template <>
struct EnumNames<Region> {
  static constexpr std::array<std::string_view, 2> names{"full", "patch"};
};
template <>
struct EnumNames<Strategy> {
  static constexpr std::array<std::string_view, 4> names{"auto", "whole", "crop", "resize"};
};
template <>
struct EnumNames<MaskValues> {
  static constexpr std::array<std::string_view, 4> names{"auto", "luma", "alpha", "nonzero"};
};
template <>
struct EnumNames<AlphaFill> {
  static constexpr std::array<std::string_view, 2> names{"keep", "fill"};
};
template <>
struct EnumNames<Priority> {
  static constexpr std::array<std::string_view, 3> names{"high", "normal", "low"};
};

inline constexpr int dilate_max = 64;
inline constexpr int feather_max = 64;
/// The largest picture in pixels that the network can run. The first and last maps of LaMa have up to 64 channels, so a
/// larger picture would make tensors of 2^31 numbers, which exceed the 32-bit indices of GPU libraries.
inline constexpr std::int64_t network_pixels_max = 32'000'000;
inline constexpr std::chrono::milliseconds request_timeout_default{60'000};
inline constexpr std::chrono::milliseconds timeout_max{600'000};
inline constexpr std::size_t id_bytes_max = 128;

/// True for 1..128 bytes of [A-Za-z0-9_.:-].
constexpr bool valid_id(std::string_view id) {
  if (id.empty() || id.size() > id_bytes_max) return false;
  for (char c : id) {
    const bool letter_or_digit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter_or_digit && c != '_' && c != '.' && c != ':' && c != '-') return false;
  }
  return true;
}

/// The options of a request (`options` in docs/protocol.md).
struct Options {
  Format format = Format::same;
  std::optional<int> quality = std::nullopt;  ///< 1..100, of a JPEG or a lossy WebP; none: like the request's picture
  Region region = Region::full;
  Strategy strategy = Strategy::automatic;
  int dilate = 0;   ///< the pixels by which holes grow, 0..64
  int feather = 0;  ///< the width in pixels of the soft edge inside holes, 0..64
  MaskValues mask_values = MaskValues::automatic;
  Colour background{};  ///< shown through transparent pixels in a format without transparency
  /// Of a WebP; none: lossy if `quality` is given or the request's picture is lossy.
  std::optional<bool> lossless = std::nullopt;
  AlphaFill alpha = AlphaFill::keep;  ///< of a picture with transparency

  friend bool operator==(const Options&, const Options&) = default;
};

/// The place of a file in the object store of NATS.
struct ObjectName {
  std::string bucket;  ///< valid_bucket()
  std::string name;    ///< 1..1024 bytes of UTF-8

  friend bool operator==(const ObjectName&, const ObjectName&) = default;
};
inline constexpr std::size_t object_name_bytes_max = 1024;

/// True for 1..64 bytes of [A-Za-z0-9_-].
constexpr bool valid_bucket(std::string_view bucket) {
  return valid_id(bucket) && bucket.size() <= 64 && bucket.find_first_of(".:") == std::string_view::npos;
}

/// A JPEG, PNG or WebP file.
struct EncodedFile {
  Bytes data;
};
/// 8-bit samples, [height, width, channels]: RGB for an image, one channel for a mask.
struct RawPixels {
  std::int64_t width = 0;
  std::int64_t height = 0;
  Bytes data;
};
/// One bit per pixel, rows padded to bytes, most significant bit first; 1 is a hole.
struct BitMask {
  std::int64_t width = 0;
  std::int64_t height = 0;
  Bytes data;
};
/// Holes as rectangles inside the picture.
struct RectMask {
  std::vector<Rect> rects;
};

using ImageSource = std::variant<EncodedFile, RawPixels>;
using MaskSource = std::variant<EncodedFile, RawPixels, BitMask, RectMask>;

/// A request whose syntax was checked, and of which nothing was decoded. The byte spans point into the message.
struct Request {
  std::string id;  ///< empty when the client gave none
  ImageSource image;
  MaskSource mask;
  std::optional<ObjectName> image_at;  ///< where the image is stored; `image` is an empty file until it is read
  std::optional<ObjectName> mask_at;   ///< the same for the mask
  std::optional<ObjectName> result;    ///< where the answer's picture is to be stored, instead of in the answer
  std::optional<std::chrono::milliseconds> timeout;
  bool progress = false;
  Options options;
  /// Keeps the bytes that the spans point to. Null: the caller keeps them until the request is answered.
  std::shared_ptr<const void> owner;
};

}  // namespace inpaintd
