// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/files.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "tests/support/temporary_directory.h"

namespace inpaintd::tools {

namespace fs = std::filesystem;

TEST_CASE("a file that was written is read back, and no temporary file remains") {
  const test::TemporaryDirectory folder;
  const std::string content("a\0b\n", 4);
  REQUIRE(write_file(folder.path() / "x.png", content));
  REQUIRE(write_file(folder.path() / "empty.png", ""));
  CHECK(*read_file(folder.path() / "x.png") == content);
  CHECK(read_file(folder.path() / "empty.png")->empty());
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 2);
}

TEST_CASE("an error of reading or writing has the path of the file") {
  const auto absent = read_file("/does/not/exist");
  REQUIRE_FALSE(absent);
  CHECK(absent.error().message == "the file /does/not/exist cannot be read: No such file or directory");
  const auto unwritable = write_file("/does/not/exist", "x");
  REQUIRE_FALSE(unwritable);
  CHECK(unwritable.error().message.starts_with("the file /does/not/exist cannot be written: "));
  CHECK_FALSE(read_file("/tmp"));
}

TEST_CASE("the extension of a file, in upper or lower case, gives its format") {
  CHECK(format_of("a.png") == Format::png);
  CHECK(format_of("b/a.JPG") == Format::jpeg);
  CHECK(format_of("a.b.jpeg") == Format::jpeg);
  CHECK(format_of("a.WebP") == Format::webp);
  for (const char* path : {"a", "png", ".png", "a.gif", "a.png.txt"}) CHECK_FALSE(format_of(path));
}

TEST_CASE("the pictures of a folder are sorted, and other files and subfolders are left out") {
  const test::TemporaryDirectory folder;
  for (const char* file : {"b.png", "a.jpg", "c.txt", "a.png.part-1"}) REQUIRE(write_file(folder.path() / file, "x"));
  fs::create_directory(folder.path() / "d.png");
  const auto pictures = list_pictures(folder.path());
  REQUIRE(pictures);
  CHECK(*pictures == std::vector<fs::path>{folder.path() / "a.jpg", folder.path() / "b.png"});
  CHECK_FALSE(list_pictures(folder.path() / "absent"));
}

}  // namespace inpaintd::tools
