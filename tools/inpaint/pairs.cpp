// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint/pairs.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

namespace inpaintd::tools {
namespace {

namespace fs = std::filesystem;
using Paths = std::vector<fs::path>;

constexpr std::string_view mask_suffix = "_mask";

std::string extension(const fs::path& image, Format format) {
  if (format == Format::same) return image.extension().string();
  return format == Format::jpeg ? ".jpg" : "." + std::string(name(format));
}

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code ignored;
  return a == b || fs::equivalent(a, b, ignored);
}

/// `cat` for `cat_mask.png`; nothing for other names.
std::optional<std::string> masked_stem(const fs::path& file) {
  const std::string stem = file.stem().string();
  if (!stem.ends_with(mask_suffix) || stem.size() == mask_suffix.size()) return std::nullopt;
  return stem.substr(0, stem.size() - mask_suffix.size());
}

class Matcher {
 public:
  explicit Matcher(const Candidates& files) : files_(files) {
    for (const fs::path& mask : files.masks) masks_[mask.stem().string()].push_back(mask);
    for (const fs::path& image : files.images) stems_.insert(image.stem().string());
  }

  /// Appends the picture with its mask to `pairing.pairs` (the output is missing still), or the file to another list.
  void match(const fs::path& image, Pairing& pairing) {
    if (files_.common_mask && same_file(image, *files_.common_mask)) return;
    const auto masked = masked_stem(image);
    if (masked && stems_.contains(*masked)) {
      if (!files_.one_folder)
        pairing.left_out.push_back({image, fmt::format("it is the mask of the picture {} by its name", *masked)});
      return;
    }
    if (files_.common_mask) return pairing.pairs.push_back({image, *files_.common_mask, {}});
    const std::string stem = image.stem().string();
    const Paths named = masks_of(stem + std::string(mask_suffix), image);
    const Paths plain = files_.one_folder ? Paths{} : masks_of(stem, image);
    const Paths& found = named.empty() ? plain : named;
    used_.insert(named.begin(), named.end());
    used_.insert(plain.begin(), plain.end());
    if (found.size() > 1)
      return pairing.left_out.push_back(
          {image, fmt::format("it has two masks, {} and {}; remove one", found[0].string(), found[1].string())});
    if (found.empty() && masked)
      return pairing.left_out.push_back(
          {image, fmt::format("it is a mask by its name, and no picture is called {}", *masked)});
    if (found.empty()) return pairing.without_mask.push_back(image);
    if (!named.empty() && !plain.empty())
      pairing.notes.push_back(fmt::format("{} has two masks; {} is used, and {} is not", image.string(),
                                          named.front().string(), plain.front().string()));
    pairing.pairs.push_back({image, found.front(), {}});
  }

  void note_unused(Pairing& pairing) const {
    for (const fs::path& mask : files_.masks)
      if (!files_.one_folder && !used_.contains(mask))
        pairing.notes.push_back(fmt::format("the mask {} belongs to no picture", mask.string()));
  }

 private:
  [[nodiscard]] Paths masks_of(const std::string& stem, const fs::path& image) const {
    const auto found = masks_.find(stem);
    if (found == masks_.end()) return {};
    Paths others;
    std::ranges::copy_if(found->second, std::back_inserter(others),
                         [&](const fs::path& mask) { return !same_file(mask, image); });
    return others;
  }

  const Candidates& files_;
  std::map<std::string, Paths> masks_;  // by their stems
  std::set<std::string> stems_;         // of the images
  std::set<fs::path> used_;
};

}  // namespace

Result<Pairing> pair_up(const Candidates& files, const fs::path& output, Format format) {
  Matcher matcher(files);
  Pairing pairing;
  for (const fs::path& image : files.images) matcher.match(image, pairing);
  matcher.note_unused(pairing);
  std::map<fs::path, fs::path> image_of;
  for (Pair& pair : pairing.pairs) {
    pair.output = output / (pair.image.stem().string() + extension(pair.image, format));
    const auto [first, is_new] = image_of.emplace(pair.output, pair.image);
    if (!is_new)
      return Error{ErrorCode::bad_request,
                   fmt::format("{} and {} have the same output file {}; rename one of them, or leave out --format",
                               first->second.string(), pair.image.string(), pair.output.string())};
  }
  return pairing;
}

}  // namespace inpaintd::tools
