// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "image/formats/formats.h"

namespace inpaintd {
namespace {

constexpr std::size_t head_bytes = 6;  // "Exif\0\0"; offsets count from its end
constexpr std::size_t entry_bytes = 12;
constexpr std::uint32_t strip_offsets = 0x0111, strip_counts = 0x0117, jpeg_offset = 0x0201, jpeg_length = 0x0202;
constexpr std::uint32_t strips_max = 4096;

/// A part [begin, end) of the block.
struct Part {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// The TIFF structure of an EXIF block (EXIF 2.3, 4.5). Reading outside of it gives nothing, and so does a directory
/// that does not lie in it as a whole.
class Tiff {
 public:
  explicit Tiff(std::string& block)
      : block_(block), big_endian_(block.size() > head_bytes && block[head_bytes] == 'M') {}

  /// An unsigned number of two or four bytes.
  [[nodiscard]] std::optional<std::uint32_t> number(std::size_t offset, std::size_t bytes) const {
    if (offset > block_.size() || block_.size() - offset < head_bytes + bytes) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      const std::size_t place = big_endian_ ? i : bytes - 1 - i;
      value = value << 8 | static_cast<std::uint8_t>(block_[head_bytes + offset + place]);
    }
    return value;
  }

  /// The place of the link to the next directory, which follows the entries of the one at `directory`.
  [[nodiscard]] std::optional<std::size_t> link_of(std::size_t directory) const {
    const auto count = number(directory, 2);
    if (!count) return std::nullopt;
    const std::size_t link = directory + 2 + entry_bytes * *count;
    return number(link, 4) ? std::optional(link) : std::nullopt;
  }

  /// The values of an entry with this tag, of type SHORT or LONG; none if the directory has no such entry.
  [[nodiscard]] std::vector<std::uint32_t> values(std::size_t directory, std::uint32_t tag) const {
    std::vector<std::uint32_t> values;
    const std::uint32_t entries = number(directory, 2).value_or(0);
    for (std::size_t entry = directory + 2; entry < directory + 2 + entry_bytes * entries; entry += entry_bytes) {
      if (number(entry, 2) != tag) continue;
      const std::size_t size = number(entry + 2, 2) == 3U ? 2 : 4;
      const std::uint32_t count = std::min(number(entry + 4, 4).value_or(0), strips_max);
      const std::size_t place = count * size <= 4 ? entry + 8 : number(entry + 8, 4).value_or(0);
      for (std::uint32_t i = 0; i < count; ++i) values.push_back(number(place + i * size, size).value_or(0));
      break;
    }
    return values;
  }

  /// Fills a part, given by offsets, with zeros as far as it lies in the block behind `first`; returns what it filled.
  Part erase(std::size_t offset, std::size_t bytes, std::size_t first) {
    const std::size_t end = block_.size();
    const std::size_t begin = std::min(end, head_bytes + std::max(offset, first));
    const Part part{begin, std::max(begin, std::min(end, head_bytes + offset + bytes))};
    std::fill(block_.begin() + static_cast<std::ptrdiff_t>(part.begin),
              block_.begin() + static_cast<std::ptrdiff_t>(part.end), '\0');
    return part;
  }

 private:
  std::string& block_;
  bool big_endian_;
};

/// The places of the thumbnail's image, as (offset, bytes): one JPEG file, or uncompressed strips.
std::vector<std::pair<std::size_t, std::size_t>> images_of(const Tiff& tiff, std::size_t directory) {
  std::vector<std::pair<std::size_t, std::size_t>> images;
  for (const auto& [offset_tag, length_tag] :
       {std::pair(jpeg_offset, jpeg_length), std::pair(strip_offsets, strip_counts)}) {
    const auto offsets = tiff.values(directory, offset_tag), lengths = tiff.values(directory, length_tag);
    for (std::size_t i = 0; i < std::min(offsets.size(), lengths.size()); ++i)
      images.emplace_back(offsets[i], lengths[i]);
  }
  return images;
}

}  // namespace

std::string without_thumbnail(std::string exif) {
  Tiff tiff(exif);
  const auto first = tiff.number(4, 4);
  const auto link = first ? tiff.link_of(*first) : std::nullopt;
  const std::size_t second = link ? *tiff.number(*link, 4) : 0;
  if (second == 0) return exif;
  const std::size_t behind = *link + 4;  // the first directory stays as it is, whatever the second one says
  std::vector<Part> erased;
  const auto images = images_of(tiff, second);
  for (const auto& [offset, bytes] : images) erased.push_back(tiff.erase(offset, bytes, behind));
  if (const auto next = tiff.link_of(second)) erased.push_back(tiff.erase(second, *next + 4 - second, behind));
  tiff.erase(*link, 4, 0);
  for (bool shorter = true; shorter;) {
    shorter = false;
    for (const Part& part : erased) {
      if (part.end < exif.size() || part.begin >= exif.size()) continue;
      exif.resize(part.begin);
      shorter = true;
    }
  }
  return exif;
}

}  // namespace inpaintd
