// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>

#include "core/result.h"

namespace inpaintd::tools {

/// The path that stands for standard output, and where a file is read, for standard input.
inline constexpr const char* standard_stream = "-";

/// Checks that write_file() can write to `path`, so that no work is done for a result that cannot be kept, and makes
/// the folder of a file that does not exist yet. Errors: internal, with the path and the cause.
Status prepare_output(const std::filesystem::path& path);

/// Writes a result of a program. A regular file, and one that does not exist yet, is written beside its place and
/// renamed, so that other programs never see a part of it; links are followed, and mode and owner of an earlier file
/// stay. Where this is not possible (the owner cannot be kept, the file has more names, its folder is read-only), the
/// file is overwritten in its place. Everything else, such as a device or a named pipe, is written through, and `-` is
/// standard output. Errors: internal, with the path and the cause.
Status write_file(const std::filesystem::path& path, std::string_view content);

}  // namespace inpaintd::tools
