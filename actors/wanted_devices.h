// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace inpaintd {

/// The devices that `model.devices` means, each once: "auto" is every CUDA device of `available`, or else the CPU;
/// "cuda" is every CUDA device, and stays "cuda" where there is none, so that loading it fails.
std::vector<std::string> wanted_devices(const std::vector<std::string>& setting,
                                        const std::vector<std::string>& available);

}  // namespace inpaintd
