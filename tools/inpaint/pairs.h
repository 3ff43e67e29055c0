// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/request.h"
#include "core/result.h"
#include "tools/shared/files.h"

namespace inpaintd::tools {

/// The files of one picture of a folder.
struct Pair {
  std::filesystem::path image;
  std::filesystem::path mask;
  std::filesystem::path output;

  friend bool operator==(const Pair&, const Pair&) = default;
};

/// The files that pictures and masks are chosen from.
struct Candidates {
  std::vector<std::filesystem::path> images;
  std::vector<std::filesystem::path> masks;
  std::optional<std::filesystem::path> common_mask;  ///< the mask of all pictures, instead of `masks`
  bool one_folder = false;                           ///< `images` and `masks` are the files of the same folder
};

/// The pictures of a folder with and without masks.
struct Pairing {
  std::vector<Pair> pairs;
  std::vector<std::filesystem::path> without_mask;
  std::vector<LeftOut> left_out;   ///< files among the images that cannot be filled, or not without a decision
  std::vector<std::string> notes;  ///< on masks that are not used
};

/// Finds the mask of each picture by the stem of its name: the mask of `a/cat.jpg` is `cat_mask.*`, or else `cat.*`,
/// but never the picture itself; in the pictures' own folder it is `cat_mask.*` only, because `cat.*` is a picture.
/// A file `cat_mask.*` beside a picture `cat.*` is a mask and not filled. A picture with two masks of equal rank is
/// left out. Outputs are `output`/stem.extension, with the extension of `format`, or of the picture when `format` is
/// `same`. Errors: bad_request, when two pictures have the same output file.
Result<Pairing> pair_up(const Candidates& files, const std::filesystem::path& output, Format format);

}  // namespace inpaintd::tools
