// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tools/shared/child_process.h"

namespace inpaintd::test {

using tools::ChildProcess;

/// Starts a program that is killed at the end of the object, or when the test program dies. Throws std::runtime_error.
std::unique_ptr<ChildProcess> start_process(const std::vector<std::string>& arguments,
                                            const std::filesystem::path& output_file);

}  // namespace inpaintd::test
