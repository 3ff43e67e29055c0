// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdio>
// jpeglib.h needs size_t and FILE declared before it.
#include <jpeglib.h>

#include "core/coding.h"

/// Internal to image/formats/: a JPEG's coding, from the file to the answer.
namespace inpaintd {

/// The coding of a file whose rows were read, before jpeg_finish_decompress.
Coding coding_of(const jpeg_decompress_struct& jpeg);

/// `coding` of the picture whose rows and columns have changed places.
Coding transposed(const Coding& coding);

/// Prepares the writing of a file with `coding`, after jpeg_set_defaults. The numbers of components must be equal.
void apply(const JpegCoding& coding, jpeg_compress_struct& jpeg);

}  // namespace inpaintd
