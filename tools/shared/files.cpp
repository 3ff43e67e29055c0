// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <fstream>
#include <iostream>
#include <sstream>
#include <system_error>
#include <utility>

#include "tools/shared/output.h"

namespace inpaintd::tools {
namespace {

namespace fs = std::filesystem;

/// `what` is "file ... cannot be read" or the like, with {} for the path.
Error io_error(fmt::format_string<std::string> what, const fs::path& path, std::error_code cause) {
  return {ErrorCode::internal, fmt::format("{}: {}", fmt::format(what, path.string()), cause.message())};
}

std::error_code last_error() { return {errno, std::generic_category()}; }

/// Why an entry of a folder is no picture; nothing for a picture.
std::optional<std::string> why_no_picture(const fs::directory_entry& entry) {
  std::error_code failure;
  const fs::file_status status = entry.status(failure);
  if (status.type() == fs::file_type::not_found) return "it is a link to a file that does not exist";
  if (status.type() == fs::file_type::none) return failure.message();
  if (fs::is_directory(status)) return "it is a folder";
  if (!fs::is_regular_file(status)) return "it is not a regular file";
  if (!format_of(entry.path())) return "its name does not end with .jpg, .jpeg, .png or .webp";
  return std::nullopt;
}

}  // namespace

Result<std::string> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  if (file.peek() != std::ifstream::traits_type::eof()) content << file.rdbuf();
  if (!file.is_open() || file.bad() || content.fail())
    return io_error("the file {} cannot be read", path, last_error());
  return std::move(content).str();
}

Result<std::string> read_input(const fs::path& path) {
  if (path != standard_stream) return read_file(path);
  std::ostringstream content;
  if (std::cin.peek() != std::istream::traits_type::eof()) content << std::cin.rdbuf();
  if (std::cin.bad() || content.fail())
    return Error{ErrorCode::internal, fmt::format("standard input cannot be read: {}", last_error().message())};
  return std::move(content).str();
}

std::optional<Format> format_of(const fs::path& path) {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(), [](unsigned char c) { return std::tolower(c); });
  if (extension == ".png") return Format::png;
  if (extension == ".jpg" || extension == ".jpeg") return Format::jpeg;
  if (extension == ".webp") return Format::webp;
  return std::nullopt;
}

Result<Listing> list_folder(const fs::path& folder) {
  std::error_code failure;
  Listing listing;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end; entry.increment(failure)) {
    if (entry->path().filename().string().starts_with('.')) continue;
    if (auto reason = why_no_picture(*entry))
      listing.left_out.push_back({entry->path(), std::move(*reason)});
    else
      listing.pictures.push_back(entry->path());
  }
  if (failure) return io_error("the folder {} cannot be read", folder, failure);
  std::ranges::sort(listing.pictures);
  std::ranges::sort(listing.left_out, {}, &LeftOut::path);
  return listing;
}

}  // namespace inpaintd::tools
