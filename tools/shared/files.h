// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/request.h"
#include "core/result.h"

namespace inpaintd::tools {

/// Returns the bytes of a file. Errors: internal, with the path and the cause.
Result<std::string> read_file(const std::filesystem::path& path);

/// The same, with `-` for standard input.
Result<std::string> read_input(const std::filesystem::path& path);

/// The format by the extension in upper or lower case: PNG, JPEG or WebP. Returns nothing for other extensions.
std::optional<Format> format_of(const std::filesystem::path& path);

/// An entry of a folder that is not used, and the reason, such as "it is a folder".
struct LeftOut {
  std::filesystem::path path;
  std::string reason;

  friend bool operator==(const LeftOut&, const LeftOut&) = default;
};

/// The entries of a folder, sorted by name.
struct Listing {
  std::vector<std::filesystem::path> pictures;  ///< regular files, and links to some, as format_of() recognizes them
  std::vector<LeftOut> left_out;                ///< all other entries; hidden ones (.NAME) are in neither list
};

/// Lists a folder without its subfolders. Errors: internal.
Result<Listing> list_folder(const std::filesystem::path& folder);

}  // namespace inpaintd::tools
