// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/migan/weights.h"

namespace inpaintd {

/// The canonical names of the parts of one level: "encoder.b512", "synthesis.b512".
std::string encoder_name(const MiganShape& shape, std::size_t level);
std::string synthesis_name(const MiganShape& shape, std::size_t level);

/// The shape of every tensor of a generator by its canonical name, without the noise.
std::map<std::string, std::vector<std::int64_t>> migan_tensors(const MiganShape& shape);

/// The shape of the noise of every layer that can have noise, by its canonical name.
std::map<std::string, std::vector<std::int64_t>> migan_noise(const MiganShape& shape);

}  // namespace inpaintd
