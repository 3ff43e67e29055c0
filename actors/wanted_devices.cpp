// SPDX-License-Identifier: Apache-2.0
#include "actors/wanted_devices.h"

namespace inpaintd {

std::vector<std::string> wanted_devices(const std::vector<std::string>& setting,
                                        const std::vector<std::string>& available) {
  std::vector<std::string> gpus;
  for (const std::string& device : available)
    if (device != "cpu") gpus.push_back(device);
  std::vector<std::string> wanted;
  for (const std::string& device : setting) {
    const bool all_gpus = !gpus.empty() && (device == "auto" || device == "cuda");
    if (all_gpus)
      wanted.insert(wanted.end(), gpus.begin(), gpus.end());
    else
      wanted.push_back(device == "auto" ? "cpu" : device);
  }
  return wanted;
}

}  // namespace inpaintd
