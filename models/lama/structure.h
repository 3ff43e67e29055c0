// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/lama/weights.h"

namespace inpaintd {

inline constexpr int first_block = 5;  ///< the index of the first residual block among the generator's layers

/// The indices of the decoder's layers. They follow the blocks, whose number differs between models.
struct DecoderIndex {
  int up[3];  ///< transposed convolutions; the BatchNorm of each one has the next index
  int last;   ///< the final convolution
};
/// The indices for a generator of `blocks` residual blocks.
constexpr DecoderIndex decoder_index(int blocks) {
  const int concat = first_block + blocks;
  return {{concat + 1, concat + 4, concat + 7}, concat + 11};
}

/// The shape of every tensor of a generator by its canonical name, without the counters of BatchNorm.
std::map<std::string, std::vector<std::int64_t>> lama_tensors(const LamaShape& shape);

}  // namespace inpaintd
