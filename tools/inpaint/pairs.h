// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/request.h"
#include "core/result.h"

namespace inpaintd::tools {

/// One picture of a folder to fill: files in, file out.
struct Pair {
  std::filesystem::path image;
  std::filesystem::path mask;
  std::filesystem::path output;

  friend bool operator==(const Pair&, const Pair&) = default;
};

struct Pairing {
  std::vector<Pair> pairs;
  std::vector<std::filesystem::path> without_mask;
};

/// Finds each picture's mask by its stem: the mask of `a/cat.jpg` is `cat.*` or `cat_mask.*`, in that order. With one
/// mask in `common_mask` all pictures share it. Outputs are `output`/stem.extension; the extension is the picture's, or
/// that of `format` unless it is `same`.
/// Errors: bad_request, when two pictures would be written to one file.
Result<Pairing> pair_up(const std::vector<std::filesystem::path>& images,
                        const std::vector<std::filesystem::path>& masks,
                        const std::optional<std::filesystem::path>& common_mask, const std::filesystem::path& output,
                        Format format);

}  // namespace inpaintd::tools
