// SPDX-License-Identifier: Apache-2.0
#include "image/formats/formats.h"
#include "tests/fuzz/fuzz.h"
#include "tests/image/fixtures.h"

/// The EXIF block that a file brings: exif_orientation.
namespace inpaintd::fuzz {

std::vector<std::string> seeds() {
  const std::string head("Exif\0\0", 6);
  return {fixtures::exif(6), fixtures::exif(3, true), head + fixtures::exif(8), head + fixtures::exif(1, true), head};
}

void run(Bytes input) {
  const int orientation = exif_orientation(std::string(text_of(input)));
  require(orientation >= 1 && orientation <= 8, "an orientation is 1 to 8");
}

}  // namespace inpaintd::fuzz
