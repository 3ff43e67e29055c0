// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint/pairs.h"

#include <doctest/doctest.h>

namespace inpaintd::tools {

using Paths = std::vector<std::filesystem::path>;

TEST_CASE("the mask of a picture has the same stem, with or without _mask") {
  const auto pairing = pair_up({"in/a.jpg", "in/b.png", "in/c.webp"}, {"m/a.png", "m/b_mask.png", "m/x.png"},
                               std::nullopt, "out", Format::same);
  REQUIRE(pairing);
  CHECK(pairing->pairs ==
        std::vector<Pair>{{"in/a.jpg", "m/a.png", "out/a.jpg"}, {"in/b.png", "m/b_mask.png", "out/b.png"}});
  CHECK(pairing->without_mask == Paths{"in/c.webp"});
}

TEST_CASE("a mask with the same stem takes precedence over one with _mask") {
  const auto pairing = pair_up({"a.jpg"}, {"m/a_mask.png", "m/a.png"}, std::nullopt, "out", Format::same);
  REQUIRE(pairing);
  CHECK(pairing->pairs.front().mask == "m/a.png");
}

TEST_CASE("a common mask is the mask of all pictures") {
  const auto pairing = pair_up({"a.jpg", "b.jpg"}, {}, "m.png", "out", Format::png);
  REQUIRE(pairing);
  CHECK(pairing->pairs == std::vector<Pair>{{"a.jpg", "m.png", "out/a.png"}, {"b.jpg", "m.png", "out/b.png"}});
}

TEST_CASE("the output format decides the extension") {
  const auto extension = [](Format format) { return pair_up({"a.png"}, {}, "m", "o", format)->pairs.front().output; };
  CHECK(extension(Format::same) == "o/a.png");
  CHECK(extension(Format::jpeg) == "o/a.jpg");
  CHECK(extension(Format::webp) == "o/a.webp");
  CHECK(extension(Format::raw) == "o/a.raw");
}

TEST_CASE("two pictures with the same output file are refused") {
  CHECK(pair_up({"a.jpg", "a.png"}, {}, "m.png", "out", Format::same));
  const auto clash = pair_up({"a.jpg", "a.png"}, {}, "m.png", "out", Format::webp);
  REQUIRE_FALSE(clash);
  CHECK(clash.error().message.starts_with("a.jpg and a.png have the same output file out/a.webp"));
}

}  // namespace inpaintd::tools
