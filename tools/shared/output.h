// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <string_view>

#include "core/result.h"

namespace inpaintd::tools {

/// The path that stands for standard output, and where a file is read, for standard input.
inline constexpr const char* standard_stream = "-";

/// Checks that write_file() can write to `path`, so that no work is done for a result that cannot be kept, and makes
/// the folder of a file that does not exist yet. Errors: internal, with the path and the cause.
Status prepare_output(const std::filesystem::path& path);

/// Times, owner and mode of a file.
using Attributes = struct ::stat;

/// Reads the attributes of the file at the end of `path`. Errors: internal, with the path and the cause.
Result<Attributes> attributes_of(const std::filesystem::path& path);

/// Writes a result of a program. A regular file, and one that does not exist yet, is written beside its place and
/// renamed, so that other programs never see a part of it; links are followed, and mode and owner of an earlier file
/// stay. Where this is not possible (the owner cannot be kept, the file has more names, its folder is read-only), the
/// file is overwritten in its place, after the disk has reserved the bytes that it grows by. Everything else, such as a
/// device or a named pipe, is written through, and `-` is standard output. With `preserved`, a regular file gets these
/// times, and this owner and mode as far as the system permits. Errors: internal, with the path and the cause; the
/// place then has what it had before, unless the file was overwritten in its place.
Status write_file(const std::filesystem::path& path, std::string_view content, const Attributes* preserved = nullptr);

}  // namespace inpaintd::tools
