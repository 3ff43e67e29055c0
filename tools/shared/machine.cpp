// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/machine.h"

#include <fstream>

namespace inpaintd::tools {

std::string cpuinfo_value(std::istream& cpuinfo, std::string_view key) {
  for (std::string line; std::getline(cpuinfo, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    std::string_view name = std::string_view(line).substr(0, colon);
    name = name.substr(0, name.find_last_not_of(" \t") + 1);
    if (name != key) continue;
    const std::size_t value = line.find_first_not_of(" \t", colon + 1);
    return value == std::string::npos ? std::string() : line.substr(value);
  }
  return {};
}

std::string cpuinfo_value(std::string_view key) {
  std::ifstream cpuinfo("/proc/cpuinfo");
  return cpuinfo_value(cpuinfo, key);
}

std::string cpu_name() {
  const std::string model = cpuinfo_value("model name");
  return model.empty() ? "unknown CPU" : model;
}

}  // namespace inpaintd::tools
