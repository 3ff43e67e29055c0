// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <istream>
#include <string>
#include <string_view>

namespace inpaintd::tools {

/// The value of `key` in text with the form of /proc/cpuinfo, for the first core; empty when `key` is missing.
std::string cpuinfo_value(std::istream& cpuinfo, std::string_view key);

/// The value of `key` ("flags", "cpu family", ...) for the first core of this machine; empty when it is not known.
std::string cpuinfo_value(std::string_view key);

/// The model of this machine's CPU, such as "AMD EPYC 9B45"; "unknown CPU" when the kernel does not name it.
std::string cpu_name();

}  // namespace inpaintd::tools
