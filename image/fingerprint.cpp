// SPDX-License-Identifier: Apache-2.0
#include "image/fingerprint.h"

#include <xxhash.h>

#include <random>
#include <type_traits>

namespace inpaintd {
namespace {

/// Hashes an integer, a truth value or an enumerator as one word.
template <class T>
std::uint64_t word(T value) {
  static_assert(std::is_integral_v<T> || std::is_enum_v<T>);
  return static_cast<std::uint64_t>(value);
}
/// A missing value gives a word that differs from the words of all values.
template <class T>
std::uint64_t word(const std::optional<T>& value) {
  return value ? word(*value) : ~std::uint64_t{0};
}

}  // namespace

Fingerprinter::Fingerprinter() {
  static_assert(sizeof secret_ >= XXH3_SECRET_SIZE_MIN);
  std::random_device random;
  for (auto& each : secret_) each = std::uint64_t{random()} << 32 | random();
}

template <class T>
Fingerprint Fingerprinter::hash(const T* items, std::size_t count) const {
  static_assert(std::has_unique_object_representations_v<T>, "padding would be hashed too");
  const auto [low, high] = XXH3_128bits_withSecret(items, count * sizeof(T), secret_.data(), sizeof secret_);
  return {high, low};
}

/// Hashes form, size and bytes, because the same bytes have another meaning in another form or size.
Fingerprint Fingerprinter::of_source(const auto& source) const {
  const auto [size, print] = std::visit(
      [this](const auto& form) {
        using Form = std::decay_t<decltype(form)>;
        if constexpr (std::is_same_v<Form, RectMask>)
          return std::pair(std::array<std::int64_t, 2>{}, hash(form.rects.data(), form.rects.size()));
        else if constexpr (std::is_same_v<Form, EncodedFile>)
          return std::pair(std::array<std::int64_t, 2>{}, hash(form.data.data(), form.data.size()));
        else
          return std::pair(std::array<std::int64_t, 2>{form.width, form.height},
                           hash(form.data.data(), form.data.size()));
      },
      source);
  const std::uint64_t words[]{source.index(), word(size[0]), word(size[1]), print.high, print.low};
  return hash(words, std::size(words));
}

Fingerprint Fingerprinter::of(const Request& request) const {
  const Fingerprint image = of_source(request.image), mask = of_source(request.mask);
  // A new option must be added here.
  const auto& [format, quality, region, strategy, dilate, feather, mask_values, background, lossless, alpha] =
      request.options;
  const std::uint64_t words[]{image.high,
                              image.low,
                              mask.high,
                              mask.low,
                              word(format),
                              word(quality),
                              word(region),
                              word(strategy),
                              word(dilate),
                              word(feather),
                              word(mask_values),
                              word(background.red),
                              word(background.green),
                              word(background.blue),
                              word(lossless),
                              word(alpha)};
  return hash(words, std::size(words));
}

Fingerprint Fingerprinter::of(const MaskSource& mask, Size picture, const Options& options) const {
  const Fingerprint print = of_source(mask);
  const std::uint64_t words[]{print.high,
                              print.low,
                              word(picture.width),
                              word(picture.height),
                              word(options.strategy),
                              word(options.dilate),
                              word(options.feather),
                              word(options.mask_values)};
  return hash(words, std::size(words));
}

}  // namespace inpaintd
