// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace inpaintd {

/// The devices that `model.devices` names, each once: "auto" is every CUDA device of `available`, or the CPU if there
/// is none; "cuda" is every CUDA device, and stays "cuda" if there is none, so that loading the model fails.
std::vector<std::string> wanted_devices(const std::vector<std::string>& setting,
                                        const std::vector<std::string>& available);

}  // namespace inpaintd
