// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/image.h"
#include "tests/image/fixtures.h"

/// JPEG files as pictures and masks, from request to answer.
namespace inpaintd::fuzz {

std::vector<std::string> seeds() {
  using namespace fixtures;
  const Pixels rgb = noise(24, 17, 3, 6);
  return with_options({
      jpeg(rgb, {.quality = 80, .icc = grey_profile(), .exif = std::string("Exif\0\0", 6) + exif(8)}),
      jpeg(rgb, {.quality = 30, .progressive = true, .exif = std::string("Exif\0\0", 6) + exif(3, true)}),
      jpeg(noise(24, 17, 4, 7), {.quality = 80}),
      jpeg(noise(17, 24, 1, 8), {.quality = 50}),
      jpeg(Pixels(300, 40, 3, 200), {.quality = 10}),
      jpeg(Pixels(40, 300, 1, 0), {.quality = 10}),
  });
}

void run(Bytes input) { check_picture(input); }

}  // namespace inpaintd::fuzz
