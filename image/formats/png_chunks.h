// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/request.h"

/// The chunks of a PNG file as they are stored. Nothing is decompressed, because compressed text may fill the memory.
namespace inpaintd {

struct PngChunk {
  std::string_view name;  ///< four letters
  Bytes data;
  Bytes whole;  ///< with length, name and checksum

  friend bool operator==(const PngChunk& a, const PngChunk& b) { return a.whole.data() == b.whole.data(); }
};

/// The number of four bytes at `at`, which must lie in `bytes`.
std::uint32_t png_number(Bytes bytes, std::size_t at);

/// All complete chunks before IEND with a right checksum, because decoders read no others; the checksums of pixels are
/// not checked. The file begins with the signature of PNG.
std::vector<PngChunk> png_chunks(Bytes file);

/// The data of the first chunk of this name; empty if there is none.
Bytes png_chunk(const std::vector<PngChunk>& chunks, std::string_view name);

/// Whether a chunk stays true when pixels change: those that describe the whole picture, and unknown ones that say so
/// ("safe to copy", PNG specification). Chunks that describe single pixels, frames of an animation or signatures do
/// not.
bool stays_true(const PngChunk& chunk);

/// A new chunk with its checksum.
std::string make_png_chunk(std::string_view name, std::string_view data);

/// The file `encoded`, with all chunks of `source` that stay true, byte by byte and in their order, in place of its
/// own. Header, palette, transparency and pixels are those of `encoded`. `left_out` names further chunks of `source`
/// that are not copied.
std::string with_chunks_of(std::string_view encoded, const std::vector<PngChunk>& source,
                           const std::vector<std::string_view>& left_out);

}  // namespace inpaintd
