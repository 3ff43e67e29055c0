// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdio>
// jpeglib.h needs size_t and FILE declared before it.
#include <jpeglib.h>

#include "core/coding.h"

/// The coding of a JPEG, copied from the file of a request to the file of the answer. Internal to image/formats/.
namespace inpaintd {

/// Whether the encoder of libjpeg can divide by all quantisers of a table. It computes with eight times the quantiser
/// in 16 bits, where 8192 becomes zero, and the division ends the process.
bool can_quantise(const JQUANT_TBL& table);

/// The coding of the file that `jpeg` has read; called after the last row, before jpeg_finish_decompress.
Coding coding_of(const jpeg_decompress_struct& jpeg);

/// The coding of a picture whose rows and columns are exchanged.
Coding transposed(const Coding& coding);

/// Prepares the encoding of a file with `coding`, after jpeg_set_defaults. The numbers of components must be equal.
void apply(const JpegCoding& coding, jpeg_compress_struct& jpeg);

}  // namespace inpaintd
