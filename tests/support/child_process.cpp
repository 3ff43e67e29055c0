// SPDX-License-Identifier: Apache-2.0
#include "tests/support/child_process.h"

#include <stdexcept>
#include <utility>

namespace inpaintd::test {

std::unique_ptr<ChildProcess> start_process(const std::vector<std::string>& arguments,
                                            const std::filesystem::path& output_file) {
  auto process = ChildProcess::start(arguments, output_file, SIGKILL);
  if (!process) throw std::runtime_error(arguments.front() + ": " + process.error().message);
  return std::move(*process);
}

}  // namespace inpaintd::test
