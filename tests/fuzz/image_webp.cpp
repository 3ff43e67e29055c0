// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/image.h"
#include "tests/image/fixtures.h"

/// WebP files as pictures and masks, from request to answer.
namespace inpaintd::fuzz {

std::vector<std::string> seeds() {
  using namespace fixtures;
  const Pixels rgb = noise(24, 17, 3, 6), rgba = noise(24, 17, 4, 7);
  return with_options({
      webp(rgb),
      webp(rgba, grey_profile(), exif(3)),
      lossy_webp(rgb),
      with_chunks(lossy_webp(rgb), {{"ICCP", p3_profile()}, {"EXIF", exif(6)}, {"XMP ", "<x/>"}}),
      animated_webp(rgba, noise(24, 17, 4, 8)),
      webp(Pixels(300, 40, 3, 200)),
      lossy_webp(Pixels(40, 300, 3, 10)),
  });
}

void run(Bytes input) { check_picture(input); }

}  // namespace inpaintd::fuzz
