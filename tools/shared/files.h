// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/request.h"
#include "core/result.h"

namespace inpaintd::tools {

/// Returns the bytes of a file. Errors: internal, with the path and the cause.
Result<std::string> read_file(const std::filesystem::path& path);

/// Writes a temporary file beside `path` and renames it, so that other programs never see a part of the file.
/// Errors: internal, with the path and the cause.
Status write_file(const std::filesystem::path& path, std::string_view content);

/// The format by the extension in upper or lower case: PNG, JPEG or WebP. Returns nothing for other extensions.
std::optional<Format> format_of(const std::filesystem::path& path);

/// Lists the pictures of a folder, as format_of() recognizes them, sorted by name; without those of its subfolders.
/// Errors: internal.
Result<std::vector<std::filesystem::path>> list_pictures(const std::filesystem::path& folder);

}  // namespace inpaintd::tools
