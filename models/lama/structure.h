// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/lama/weights.h"

namespace inpaintd {

/// Tensors under the names that a file gives them.
using NamedTensors = std::map<std::string, Tensor>;

inline constexpr int first_block = 5;  ///< the blocks' place among the generator's layers

/// Where the decoder's layers stand: it follows the blocks, whose number differs between models.
struct DecoderIndex {
  int up[3];  ///< transposed convolutions; each one's BatchNorm is the next index
  int last;   ///< the final convolution
};
constexpr DecoderIndex decoder_index(int blocks) {
  const int concat = first_block + blocks;
  return {{concat + 1, concat + 4, concat + 7}, concat + 11};
}

/// Every tensor of a generator: canonical name -> shape. BatchNorm counters are not among them.
std::map<std::string, std::vector<std::int64_t>> lama_tensors(const LamaShape& shape);

/// A shape as "[128, 64, 3, 3]".
std::string shape_text(const std::vector<std::int64_t>& shape);

}  // namespace inpaintd
