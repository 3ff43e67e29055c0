// SPDX-License-Identifier: Apache-2.0
#include "gateway/static_files.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "tests/support/temporary_directory.h"

using namespace inpaintd;
using namespace inpaintd::gateway;
using namespace inpaintd::test;

namespace {

HttpRequest get(const std::string& path, const std::vector<std::pair<std::string, std::string>>& headers = {}) {
  HttpRequest request;
  request.method = "GET";
  request.target.path = path;
  request.headers = headers;
  return request;
}

std::string header(const HttpReply& reply, const std::string& name) {
  for (const auto& [key, value] : reply.headers)
    if (key == name) return value;
  return "";
}

}  // namespace

TEST_CASE("the page, the documentation and the interface's description are inside the program") {
  const StaticFiles files("");
  for (const char* path : {"/", "/index.html", "/docs", "/openapi.json"}) {
    CAPTURE(path);
    const auto reply = files.find(get(path));
    REQUIRE(reply);
    CHECK(reply->status == 200);
    CHECK(!reply->content.bytes.empty());
    CHECK(header(*reply, "Content-Security-Policy").starts_with("default-src 'self'"));
  }
  CHECK(header(*files.find(get("/")), "Content-Type") == "text/html; charset=utf-8");
  CHECK(!files.find(get("/nothing")));
}

TEST_CASE("a client that has the file gets 304, and one that takes gzip gets it compressed") {
  const StaticFiles files("");
  const auto plain = files.find(get("/docs"));
  const std::string etag = header(*plain, "ETag");
  CHECK(etag.size() == 18);
  CHECK(header(*plain, "Cache-Control") == "no-cache");
  const auto again = files.find(get("/docs", {{"if-none-match", etag}}));
  CHECK(again->status == 304);
  CHECK(again->content.bytes.empty());
  const auto small = files.find(get("/docs", {{"accept-encoding", "gzip, br"}}));
  CHECK(header(*small, "Content-Encoding") == "gzip");
  CHECK(small->content.bytes.size() < plain->content.bytes.size());
  CHECK(small->content.text().starts_with("\x1f\x8b"));
}

TEST_CASE("a folder is served in place of the page, and nothing outside of it") {
  const TemporaryDirectory parent;
  const auto folder = parent.path() / "page";
  std::filesystem::create_directories(folder / "assets");
  parent.write("secret", "s");
  parent.write("page/index.html", "<p>");
  parent.write("page/assets/app.js", "1");
  std::filesystem::create_symlink(parent.path() / "secret", folder / "link");
  const StaticFiles files(folder);
  CHECK(files.find(get("/"))->content.text() == "<p>");
  CHECK(files.find(get("/assets/app.js"))->content.text() == "1");
  CHECK(header(*files.find(get("/assets/app.js")), "Content-Type") == "text/javascript; charset=utf-8");
  CHECK(files.find(get("/docs")));
  for (const char* path : {"/../secret", "/assets/../../secret", "/link", "/assets", "//etc/passwd", "/nothing"}) {
    CAPTURE(path);
    CHECK(!files.find(get(path)));
  }
}
