// SPDX-License-Identifier: Apache-2.0
#include "gateway/static_files.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "gateway/tasks/random_id.h"

namespace inpaintd::gateway {
namespace {

constexpr std::size_t file_bytes_max = 32 << 20;

/// Empty when zlib has no memory.
std::string gzipped(std::string_view text) {
  z_stream stream{};
  constexpr int with_gzip_header = 15 + 16;
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, with_gzip_header, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool ended = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(ended ? stream.total_out : 0);
  deflateEnd(&stream);
  return out;
}

/// Our own page needs nothing from elsewhere. Pages of other projects set styles in their elements.
const char* security_policy(bool own) {
  return own ? "default-src 'self'; img-src 'self' blob: data:; worker-src 'self' blob:; object-src 'none'; "
               "base-uri 'none'; frame-ancestors 'none'"
             : "default-src 'self'; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
               "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'";
}

}  // namespace

std::string_view media_type(std::string_view path) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 17> types{{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".json", "application/json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".jpg", "image/jpeg"},
      {".jpeg", "image/jpeg"},
      {".webp", "image/webp"},
      {".ico", "image/x-icon"},
      {".woff", "font/woff"},
      {".woff2", "font/woff2"},
      {".txt", "text/plain; charset=utf-8"},
      {".map", "application/json"},
      {".wasm", "application/wasm"},
      {".webmanifest", "application/manifest+json"},
  }};
  for (const auto& [ending, type] : types)
    if (path.ends_with(ending)) return type;
  return "application/octet-stream";
}

StaticFiles::StaticFiles(std::filesystem::path folder) : folder_(std::move(folder)) {
  for (const EmbeddedFile& file : embedded_files()) {
    const Bytes bytes{reinterpret_cast<const std::uint8_t*>(file.content.data()), file.content.size()};
    files_.emplace(file.path, make_file({nullptr, bytes}));
  }
}

StaticFiles::File StaticFiles::make_file(HttpContent plain) {
  File file;
  file.etag = fmt::format("\"{:016x}\"", hash(plain.text()));
  if (std::string small = gzipped(plain.text()); !small.empty() && small.size() < plain.bytes.size() * 9 / 10)
    file.gzip = HttpContent::of(std::move(small));
  file.plain = std::move(plain);
  return file;
}

std::optional<StaticFiles::File> StaticFiles::read(std::string_view path) const {
  std::error_code failure;
  const auto root = std::filesystem::canonical(folder_, failure);
  if (failure) return std::nullopt;
  const auto file = std::filesystem::canonical(root / path.substr(1), failure);  // links are followed first
  if (failure || !std::filesystem::is_regular_file(file, failure)) return std::nullopt;
  const auto below = std::mismatch(root.begin(), root.end(), file.begin(), file.end());
  if (below.first != root.end() || std::filesystem::file_size(file, failure) > file_bytes_max) return std::nullopt;
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return make_file(HttpContent::of(std::move(text).str()));
}

std::optional<HttpReply> StaticFiles::find(const HttpRequest& request) const {
  std::string path = request.target.path;
  if (path == "/") path = "/index.html";
  if (path == "/docs") path = "/docs.html";
  std::optional<File> file;
  bool own = true;
  if (!folder_.empty()) {
    file = read(path);
    own = !file;
  }
  const bool page = path != "/docs.html" && path != "/openapi.json";  // these stay, whichever page is served
  const auto embedded = files_.find(path);
  if (!file && embedded != files_.end() && (folder_.empty() || !page)) file = embedded->second;
  if (!file) return std::nullopt;
  HttpReply reply;
  reply.headers = {{"ETag", file->etag},
                   {"Cache-Control", "no-cache"},
                   {"Vary", "Accept-Encoding"},
                   {"Content-Type", std::string(media_type(path))},
                   {"Content-Security-Policy", security_policy(own)},
                   {"Referrer-Policy", "no-referrer"}};
  if (request.header("if-none-match") == file->etag) {
    reply.status = 304;
    return reply;
  }
  const bool compressed =
      !file->gzip.bytes.empty() && request.header("accept-encoding").find("gzip") != std::string_view::npos;
  if (compressed) reply.headers.emplace_back("Content-Encoding", "gzip");
  reply.content = compressed ? file->gzip : file->plain;
  return reply;
}

}  // namespace inpaintd::gateway
