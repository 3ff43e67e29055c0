// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint/pairs.h"

#include <fmt/format.h>

#include <map>
#include <utility>

namespace inpaintd::tools {
namespace {

namespace fs = std::filesystem;

std::string extension(const fs::path& image, Format format) {
  if (format == Format::same) return image.extension().string();
  return format == Format::jpeg ? ".jpg" : "." + std::string(name(format));
}

}  // namespace

Result<Pairing> pair_up(const std::vector<fs::path>& images, const std::vector<fs::path>& masks,
                        const std::optional<fs::path>& common_mask, const fs::path& output, Format format) {
  std::map<std::string, fs::path> by_stem;
  for (const fs::path& mask : masks) by_stem.emplace(mask.stem().string(), mask);
  const auto find_mask = [&](const fs::path& image) -> std::optional<fs::path> {
    if (common_mask) return common_mask;
    const std::string stem = image.stem().string();
    for (const std::string& candidate : {stem, stem + "_mask"})
      if (const auto found = by_stem.find(candidate); found != by_stem.end()) return found->second;
    return std::nullopt;
  };

  Pairing pairing;
  std::map<fs::path, fs::path> image_of;
  for (const fs::path& image : images) {
    const auto mask = find_mask(image);
    if (!mask) {
      pairing.without_mask.push_back(image);
      continue;
    }
    const fs::path target = output / (image.stem().string() + extension(image, format));
    const auto [first, is_new] = image_of.emplace(target, image);
    if (!is_new)
      return Error{ErrorCode::bad_request,
                   fmt::format("{} and {} have the same output file {}; rename one of them, or leave out --format",
                               first->second.string(), image.string(), target.string())};
    pairing.pairs.push_back({image, *mask, target});
  }
  return pairing;
}

}  // namespace inpaintd::tools
