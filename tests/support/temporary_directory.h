// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace inpaintd::test {

/// A new directory below the system's directory for temporary files. The end of the object removes it with its files.
class TemporaryDirectory {
 public:
  /// Throws std::runtime_error when the directory cannot be made.
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// The full path of `name` in the directory.
  [[nodiscard]] std::string operator/(const std::string& name) const { return (path_ / name).string(); }

  /// Writes a file, and returns its full path.
  std::string write(const std::string& name, const std::string& bytes) const;

 private:
  std::filesystem::path path_;
};

/// All bytes of a file; empty when the file does not exist.
std::string contents(const std::filesystem::path& file);

}  // namespace inpaintd::test
