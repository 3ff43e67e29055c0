// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

namespace inpaintd::tools {
namespace {

/// `what` is "file ... cannot be read" or the like, with {} for the path.
Error io_error(fmt::format_string<std::string> what, const std::filesystem::path& path, std::error_code cause) {
  return {ErrorCode::internal, fmt::format("{}: {}", fmt::format(what, path.string()), cause.message())};
}

std::error_code last_error() { return {errno, std::generic_category()}; }

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  if (file.peek() != std::ifstream::traits_type::eof()) content << file.rdbuf();
  if (!file.is_open() || file.bad() || content.fail())
    return io_error("the file {} cannot be read", path, last_error());
  return std::move(content).str();
}

Status write_file(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::path temporary = path;
  temporary += fmt::format(".part-{}", ::getpid());
  std::ofstream file(temporary, std::ios::binary);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  std::error_code failure;
  if (!file) {
    const Error error = io_error("the file {} cannot be written", path, last_error());
    std::filesystem::remove(temporary, failure);
    return error;
  }
  std::filesystem::rename(temporary, path, failure);
  if (failure) return io_error("the file {} cannot be written", path, failure);
  return Ok{};
}

std::optional<Format> format_of(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(), [](unsigned char c) { return std::tolower(c); });
  if (extension == ".png") return Format::png;
  if (extension == ".jpg" || extension == ".jpeg") return Format::jpeg;
  if (extension == ".webp") return Format::webp;
  return std::nullopt;
}

Result<std::vector<std::filesystem::path>> list_pictures(const std::filesystem::path& folder) {
  std::error_code failure;
  std::vector<std::filesystem::path> pictures;
  for (std::filesystem::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure))
    if (entry->is_regular_file() && format_of(entry->path())) pictures.push_back(entry->path());
  if (failure) return io_error("the folder {} cannot be read", folder, failure);
  std::ranges::sort(pictures);
  return pictures;
}

}  // namespace inpaintd::tools
