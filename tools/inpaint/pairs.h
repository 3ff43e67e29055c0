// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/request.h"
#include "core/result.h"

namespace inpaintd::tools {

/// The files of one picture of a folder.
struct Pair {
  std::filesystem::path image;
  std::filesystem::path mask;
  std::filesystem::path output;

  friend bool operator==(const Pair&, const Pair&) = default;
};

/// The pictures of a folder with and without masks.
struct Pairing {
  std::vector<Pair> pairs;
  std::vector<std::filesystem::path> without_mask;
};

/// Finds the mask of each picture by the stem of its name: the mask of `a/cat.jpg` is `cat.*`, or else `cat_mask.*`.
/// `common_mask` is the mask of all pictures when it is given. Outputs are `output`/stem.extension, with the extension
/// of `format`, or of the picture when `format` is `same`. Errors: bad_request, when two pictures have the same output
/// file.
Result<Pairing> pair_up(const std::vector<std::filesystem::path>& images,
                        const std::vector<std::filesystem::path>& masks,
                        const std::optional<std::filesystem::path>& common_mask, const std::filesystem::path& output,
                        Format format);

}  // namespace inpaintd::tools
