// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace inpaintd::gateway {

/// A file inside the program: its path in the URL, and its bytes.
struct EmbeddedFile {
  std::string_view path;
  std::string_view content;
};

/// The page (gateway/page/dist, or a small one that says how to use curl while there is none), the documentation and
/// the description of the interface.
std::vector<EmbeddedFile> embedded_files();

/// `text/html` and so on, by the path's ending.
std::string_view media_type(std::string_view path);

/// Answers GET with files: those inside the program, or those of a folder in place of the page. A file comes with an
/// ETag, so that a client that has it already gets 304, and compressed where the client takes gzip and it pays.
class StaticFiles {
 public:
  /// `folder`: empty for the page inside the program.
  explicit StaticFiles(std::filesystem::path folder);

  /// The answer for a path; `/` is `/index.html`, `/docs` is `/docs.html`. Nothing when there is no such file.
  [[nodiscard]] std::optional<HttpReply> find(const HttpRequest& request) const;

 private:
  struct File {
    HttpContent plain;
    HttpContent gzip;  ///< empty where it does not pay
    std::string etag;
  };
  static File make_file(HttpContent plain);
  [[nodiscard]] std::optional<File> read(std::string_view path) const;

  const std::filesystem::path folder_;
  std::map<std::string, File, std::less<>> files_;
};

}  // namespace inpaintd::gateway
