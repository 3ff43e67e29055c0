// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace inpaintd {

/// How the samples of a JPEG file are stored. Another file with the same coding has about the same size and losses.
struct JpegCoding {
  using Table = std::array<std::uint16_t, 64>;  ///< quantisers, row by row
  struct Component {
    int horizontal = 1;  ///< sampling factors, 1..4
    int vertical = 1;
    Table table{};
  };
  std::vector<Component> components;  ///< one (grey) or three
  bool rgb = false;                   ///< the components are RGB instead of YCbCr
  bool progressive = false;
  bool optimized = false;  ///< has Huffman tables of its own
};

/// How a file was encoded, as far as an answer in the same manner needs to know.
struct Coding {
  std::optional<int> quality = std::nullopt;  ///< 1..100, about the encoder's setting; none: the file is lossless
  std::shared_ptr<const JpegCoding> jpeg = nullptr;  ///< null unless the file is a JPEG that libjpeg can write alike
};

}  // namespace inpaintd
