// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/files.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "tests/support/temporary_directory.h"

namespace inpaintd::tools {

namespace fs = std::filesystem;

TEST_CASE("an error of reading has the path of the file") {
  const auto absent = read_file("/does/not/exist");
  REQUIRE_FALSE(absent);
  CHECK(absent.error().message == "the file /does/not/exist cannot be read: No such file or directory");
  CHECK_FALSE(read_file("/tmp"));
}

TEST_CASE("the extension of a file, in upper or lower case, gives its format") {
  CHECK(format_of("a.png") == Format::png);
  CHECK(format_of("b/a.JPG") == Format::jpeg);
  CHECK(format_of("a.b.jpeg") == Format::jpeg);
  CHECK(format_of("a.WebP") == Format::webp);
  for (const char* path : {"a", "png", ".png", "a.gif", "a.png.txt"}) CHECK_FALSE(format_of(path));
}

TEST_CASE("the pictures of a folder are sorted, and everything else is listed with the reason") {
  const test::TemporaryDirectory folder;
  for (const char* file : {"b.png", "a.jpg", "c.txt", ".hidden.png"}) folder.write(file, "x");
  fs::create_directory(folder.path() / "d.png");
  fs::create_symlink("b.png", folder.path() / "link.png");
  fs::create_symlink("nowhere.png", folder.path() / "dangling.png");
  const auto listing = list_folder(folder.path());
  REQUIRE(listing);
  CHECK(listing->pictures ==
        std::vector<fs::path>{folder.path() / "a.jpg", folder.path() / "b.png", folder.path() / "link.png"});
  CHECK(listing->left_out ==
        std::vector<LeftOut>{{folder.path() / "c.txt", "its name does not end with .jpg, .jpeg, .png or .webp"},
                             {folder.path() / "d.png", "it is a folder"},
                             {folder.path() / "dangling.png", "it is a link to a file that does not exist"}});
  CHECK_FALSE(list_folder(folder.path() / "absent"));
}

}  // namespace inpaintd::tools
