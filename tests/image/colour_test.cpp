// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <lcms2.h>

#include <algorithm>
#include <string>
#include <vector>

#include "image/colour_profile.h"
#include "tests/image/retouch_support.h"

namespace inpaintd {
namespace {

using namespace fixtures;
using namespace test;

constexpr int width = 96, height = 64;
const Rect hole{30, 20, 32, 24};

/// Measures differences between 8-bit colours of one profile, in CIELAB.
class Colorimeter {
 public:
  explicit Colorimeter(const std::string& icc) {
    cmsHPROFILE from = cmsOpenProfileFromMem(icc.data(), static_cast<cmsUInt32Number>(icc.size()));
    cmsHPROFILE lab = cmsCreateLab4Profile(nullptr);
    to_lab_ =
        cmsCreateTransform(from, TYPE_RGB_8, lab, TYPE_Lab_DBL, INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE);
    cmsCloseProfile(from);
    cmsCloseProfile(lab);
  }
  Colorimeter(const Colorimeter&) = delete;
  ~Colorimeter() { cmsDeleteTransform(to_lab_); }

  [[nodiscard]] double difference(const std::uint8_t* a, const std::uint8_t* b) const {
    cmsCIELab one, other;
    cmsDoTransform(to_lab_, a, &one, 1);
    cmsDoTransform(to_lab_, b, &other, 1);
    return cmsDeltaE(&one, &other);
  }

  /// The largest difference in the hole.
  [[nodiscard]] double largest(const Pixels& a, const Pixels& b) const {
    double result = 0;
    for (int y = hole.y; y < hole.bottom(); ++y)
      for (int x = hole.x; x < hole.right(); ++x)
        result = std::max(result, difference(a.row(y) + std::ptrdiff_t{3} * x, b.row(y) + std::ptrdiff_t{3} * x));
    return result;
  }

 private:
  cmsHTRANSFORM to_lab_ = nullptr;
};

/// A gradient between colours of which the most saturated samples are `low` and `high`.
Pixels gradient(int low, int high) {
  Pixels rgb(width, height, 3);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      std::uint8_t* at = rgb.row(y) + std::ptrdiff_t{3} * x;
      at[0] = static_cast<std::uint8_t>(low + (high - low) * x / (width - 1));
      at[1] = static_cast<std::uint8_t>(high - (high - low) * x / (width - 1));
      at[2] = static_cast<std::uint8_t>(low + (high - low) * y / (height - 1));
    }
  return rgb;
}

/// What the hole looks like if the network's colours are taken as those of the picture.
Pixels without_conversion(const Input& input) {
  Pixels rgb = input.picture.rgb;
  const Tile& tile = input.tiles.at(0);
  for (int y = hole.y; y < hole.bottom(); ++y)
    std::copy_n(tile.image->row(y - tile.window.y) + std::ptrdiff_t{3} * (hole.x - tile.window.x), 3 * hole.width,
                rgb.row(y) + std::ptrdiff_t{3} * hole.x);
  return rgb;
}

TEST_CASE("a gradient with another profile comes back within 1 unit of CIELAB, and without conversion it does not") {
  struct Case {
    std::string icc;
    int low, high;
    bool wide;
    double wrong_min;  ///< the difference without the conversion back
  };
  for (const Case& c : {Case{p3_profile(), 90, 170, false, 3}, Case{linear_profile(), 20, 250, false, 15}}) {
    const Colorimeter meter(c.icc);
    const Pixels rgb = gradient(c.low, c.high);
    for (const std::string& source : {png(rgb, c.icc), webp(rgb, c.icc)}) {
      const Input input = prepared(request_for(source, {hole}));
      CHECK(input.tiles.at(0).wide == c.wide);
      const EncodedPicture answer = answer_of_truth(input);
      CHECK(answer.exact == Exact::pixels);
      const Picture after = decoded(answer.bytes);
      CHECK(after.icc == c.icc);
      const double right = meter.largest(rgb, after.rgb), wrong = meter.largest(rgb, without_conversion(input));
      MESSAGE("difference ", right, ", without conversion ", wrong);
      CHECK(right <= 1.2);
      CHECK(wrong >= c.wrong_min);
      CHECK(std::equal(rgb.row(0), rgb.row(hole.y), after.rgb.row(0)));  // known pixels are never converted
    }
  }
}

TEST_CASE("colours beyond sRGB come back too, because such a window keeps its primaries") {
  const Colorimeter meter(p3_profile());
  const Pixels rgb = gradient(0, 255);
  const std::string source = png(rgb, p3_profile());
  const Input input = prepared(request_for(source, {hole}));
  CHECK(input.tiles.at(0).wide);
  const Picture after = decoded(answer_of_truth(input).bytes);
  CHECK(meter.largest(rgb, after.rgb) <= 1);
}

TEST_CASE("linear light of 16 bits is shown to the network as sRGB, and its gAMA stays") {
  PngFile spec{.width = 300, .height = 80, .depth = 16, .color_type = 2};
  for (int y = 0; y < spec.height; ++y)
    for (int i = 0; i < 3 * spec.width; ++i) {
      const int value = 1000 + 10 * (i / 3);  // 4 to 16 of 255
      spec.data.push_back(static_cast<std::uint8_t>(value >> 8));
      spec.data.push_back(static_cast<std::uint8_t>(value & 0xFF));
    }
  spec.chunks = {{"gAMA", std::string("\0\x01\x86\xA0", 4)}};
  const std::string source = png(spec);
  const Input input = prepared(request_for(source, {{100, 20, 60, 40}}));
  REQUIRE(input.picture.colours);
  const auto* seen = input.tiles.at(0).image->row(0);
  CHECK(seen[0] >= 30);  // sRGB, although the sample is 4
  const auto answer = answer_of_truth(input);
  CHECK(answer.exact == Exact::pixels);
  CHECK(chunks_of(answer.bytes)[1].first == "gAMA");
}

TEST_CASE("profiles like that of sRGB cost nothing, and unusable ones are kept and taken as sRGB") {
  CHECK(colour_space_of(rgb_profile()) == nullptr);
  CHECK(colour_space_of(p3_profile()) != nullptr);
  CHECK(colour_space_of("") == nullptr);
  CHECK(colour_space_of("broken") == nullptr);
  constexpr std::size_t tags_end = 300;  // behind the list of tags, and before the last of them
  for (std::size_t size = 1; size < p3_profile().size(); ++size) {
    const bool usable = colour_space_of(p3_profile().substr(0, size)) != nullptr;
    CHECK((!usable || size > tags_end));
  }
  CHECK(colour_space_of(std::string(5'000'000, 'x')) == nullptr);
  const std::string broken = p3_profile().substr(0, 200) + std::string(200, '\xFF');
  const std::string source = webp(noise(40, 30, 3, 1), broken);
  const auto answer = answer_of_noise(prepared(request_for(source, {{8, 6, 9, 7}})));
  CHECK(decoded(answer.bytes).icc == broken);
}

TEST_CASE("a grey profile is applied to grey pictures") {
  cmsToneCurve* curve = cmsBuildGamma(nullptr, 1.0);
  cmsHPROFILE profile = cmsCreateGrayProfile(cmsD50_xyY(), curve);
  cmsFreeToneCurve(curve);
  cmsUInt32Number size = 0;
  cmsSaveProfileToMem(profile, nullptr, &size);
  std::string icc(size, '\0');
  cmsSaveProfileToMem(profile, icc.data(), &size);
  cmsCloseProfile(profile);
  Pixels grey(width, height, 1, 55);
  const std::string source = png(grey, icc);
  const Input input = prepared(request_for(source, {hole}));
  CHECK(input.tiles.at(0).image->row(0)[0] == doctest::Approx(128).epsilon(0.01));  // the sRGB sample of 55 / 255
  CHECK(decoded(answer_of_truth(input).bytes).rgb == input.picture.rgb);
}

TEST_CASE("the colour chunks of a PNG are read in the order of precedence") {
  const auto colours_of = [](const std::vector<PngFile::Chunk>& chunks, const std::string& icc = "") {
    PngFile spec{.width = 2, .height = 2, .data = std::vector<std::uint8_t>(12)};
    spec.icc = icc;
    spec.chunks = chunks;
    return decoded(png(spec)).colours != nullptr;
  };
  const PngFile::Chunk usual{"gAMA", std::string("\0\0\xB1\x8F", 4)}, linear{"gAMA", std::string("\0\x01\x86\xA0", 4)},
      none{"gAMA", std::string(4, '\0')}, srgb{"sRGB", std::string(1, '\0')},
      p3{"cICP", std::string("\x0C\x0D\0\x01", 4)}, hdr{"cICP", std::string("\x09\x10\0\x01", 4)},
      bt709{"cICP", std::string("\x01\x0D\0\x01", 4)};
  CHECK_FALSE(colours_of({}));
  CHECK_FALSE(colours_of({usual}));
  CHECK_FALSE(colours_of({none}));
  CHECK(colours_of({linear}));
  CHECK_FALSE(colours_of({srgb, linear}));
  CHECK(colours_of({p3}));
  CHECK(colours_of({p3, srgb}));
  CHECK_FALSE(colours_of({hdr}));
  CHECK_FALSE(colours_of({bt709, linear}));
  CHECK(colours_of({}, p3_profile()));
  CHECK_FALSE(colours_of({bt709}, p3_profile()));
}

TEST_CASE("a picture with gAMA or cICP that is answered in another format gets a profile that says the same") {
  PngFile spec{.width = width, .height = height, .data = gradient(0, 255).bytes};
  spec.chunks = {{"gAMA", std::string("\0\x01\x86\xA0", 4)}};
  const std::string source = png(spec);
  const auto answer = answer_of_noise(prepared(request_for(source, {hole}, {.format = Format::webp})));
  CHECK(decoded(answer.bytes).colours != nullptr);
  CHECK(answer.bytes == answer_of_noise(prepared(request_for(source, {hole}, {.format = Format::webp}))).bytes);
}

}  // namespace
}  // namespace inpaintd
