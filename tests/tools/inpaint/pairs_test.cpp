// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint/pairs.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "tests/support/temporary_directory.h"

namespace inpaintd::tools {
namespace {

namespace fs = std::filesystem;
using Paths = std::vector<fs::path>;
using Pairs = std::vector<Pair>;

Pairing paired(const Candidates& files, Format format = Format::same) {
  auto pairing = pair_up(files, "out", format);
  REQUIRE_MESSAGE(pairing, pairing.error().message);
  return std::move(*pairing);
}

Pairing in_one_folder(const Paths& files) { return paired({files, files, std::nullopt, true}); }

}  // namespace

TEST_CASE("the mask of a picture has the same stem, with or without _mask") {
  const auto pairing = paired({{"in/a.jpg", "in/b.png", "in/c.webp"}, {"m/a.png", "m/b_mask.png", "m/x.png"}});
  CHECK(pairing.pairs == Pairs{{"in/a.jpg", "m/a.png", "out/a.jpg"}, {"in/b.png", "m/b_mask.png", "out/b.png"}});
  CHECK(pairing.without_mask == Paths{"in/c.webp"});
  CHECK(pairing.left_out.empty());
  CHECK(pairing.notes == std::vector<std::string>{"the mask m/x.png belongs to no picture"});
}

TEST_CASE("a mask with _mask takes precedence over one with the same stem, and a note names the choice") {
  const auto pairing = paired({{"a.jpg"}, {"m/a.png", "m/a_mask.png"}});
  CHECK(pairing.pairs == Pairs{{"a.jpg", "m/a_mask.png", "out/a.jpg"}});
  CHECK(pairing.notes == std::vector<std::string>{"a.jpg has two masks; m/a_mask.png is used, and m/a.png is not"});
}

TEST_CASE("a picture with two masks of equal rank is left out, because one of them would be wrong") {
  for (const Paths& masks : {Paths{"m/a_mask.jpg", "m/a_mask.png"}, Paths{"m/a.jpg", "m/a.png"}}) {
    const auto pairing = paired({{"a.jpg", "b.jpg"}, {masks[0], masks[1], "m/b.png"}});
    CHECK(pairing.pairs == Pairs{{"b.jpg", "m/b.png", "out/b.jpg"}});
    REQUIRE(pairing.left_out.size() == 1);
    CHECK(pairing.left_out[0] ==
          LeftOut{"a.jpg", "it has two masks, " + masks[0].string() + " and " + masks[1].string() + "; remove one"});
    CHECK(pairing.without_mask.empty());
  }
}

TEST_CASE("in the folder of the pictures, a file NAME_mask is a mask and not a picture") {
  const auto pairing = in_one_folder({"d/a.png", "d/a_mask.png", "d/b.jpg", "d/b_mask.png", "d/c.png"});
  CHECK(pairing.pairs == Pairs{{"d/a.png", "d/a_mask.png", "out/a.png"}, {"d/b.jpg", "d/b_mask.png", "out/b.jpg"}});
  CHECK(pairing.without_mask == Paths{"d/c.png"});
  CHECK(pairing.left_out.empty());
  CHECK(pairing.notes.empty());
}

TEST_CASE("a picture is never its own mask, nor that of a picture with the same stem in the same folder") {
  CHECK(in_one_folder({"d/a.png"}).without_mask == Paths{"d/a.png"});
  CHECK(in_one_folder({"d/a.jpg", "d/a.png"}).without_mask == Paths{"d/a.jpg", "d/a.png"});
  const auto lonely = in_one_folder({"d/a_mask.png", "d/b.png", "d/b_mask.png"});
  CHECK(lonely.pairs == Pairs{{"d/b.png", "d/b_mask.png", "out/b.png"}});
  CHECK(lonely.left_out ==
        std::vector<LeftOut>{{"d/a_mask.png", "it is a mask by its name, and no picture is called a"}});
}

TEST_CASE("a link to a picture is not its mask") {
  const test::TemporaryDirectory folder;
  const fs::path picture = folder.write("a.png", "x"), linked = folder.path() / "m";
  fs::create_directory(linked);
  fs::create_symlink(picture, linked / "a.png");
  CHECK(paired({{picture}, {linked / "a.png"}}).without_mask == Paths{picture});
}

TEST_CASE("a mask among the pictures of another folder is left out by its name") {
  const auto pairing = paired({{"in/a.png", "in/a_mask.png"}, {"m/a.png", "m/a_mask.png"}});
  CHECK(pairing.pairs == Pairs{{"in/a.png", "m/a_mask.png", "out/a.png"}});
  CHECK(pairing.left_out == std::vector<LeftOut>{{"in/a_mask.png", "it is the mask of the picture a by its name"}});
}

TEST_CASE("a common mask is the mask of all pictures, and itself no picture") {
  CHECK(paired({{"a.jpg", "b.jpg"}, {}, "m.png"}, Format::png).pairs ==
        Pairs{{"a.jpg", "m.png", "out/a.png"}, {"b.jpg", "m.png", "out/b.png"}});
  CHECK(paired({{"d/a.jpg", "d/m.png"}, {}, "d/m.png"}).pairs == Pairs{{"d/a.jpg", "d/m.png", "out/a.jpg"}});
}

TEST_CASE("the output format decides the extension") {
  const auto extension = [](Format format) { return paired({{"a.png"}, {}, "m"}, format).pairs.front().output; };
  CHECK(extension(Format::same) == "out/a.png");
  CHECK(extension(Format::jpeg) == "out/a.jpg");
  CHECK(extension(Format::webp) == "out/a.webp");
  CHECK(extension(Format::raw) == "out/a.raw");
}

TEST_CASE("two pictures with the same output file are refused") {
  const Candidates files{{"a.jpg", "a.png"}, {}, "m.png"};
  CHECK(pair_up(files, "out", Format::same));
  const auto clash = pair_up(files, "out", Format::webp);
  REQUIRE_FALSE(clash);
  CHECK(clash.error().message.starts_with("a.jpg and a.png have the same output file out/a.webp"));
}

}  // namespace inpaintd::tools
