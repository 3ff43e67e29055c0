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

/// Errors: internal, naming the file and the cause.
Result<std::string> read_file(const std::filesystem::path& path);
/// Writes to a temporary file beside `path` and renames: nobody ever sees half a file.
Status write_file(const std::filesystem::path& path, std::string_view content);

/// PNG, JPEG or WebP by the file's extension, in any case; nothing for others.
std::optional<Format> format_of(const std::filesystem::path& path);

/// The pictures in a folder, by `format_of`, sorted by name; its folders are not entered.
Result<std::vector<std::filesystem::path>> list_pictures(const std::filesystem::path& folder);

}  // namespace inpaintd::tools
