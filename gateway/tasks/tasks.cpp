// SPDX-License-Identifier: Apache-2.0
#include "gateway/tasks/tasks.h"

#include <fmt/format.h>

namespace inpaintd::gateway {

Problem full(const TasksSettings& settings) {
  return problem(Error{ErrorCode::overloaded,
                       fmt::format("the gateway holds as many tasks as it may ({} tasks, {} MiB); try again later",
                                   settings.count_max, settings.bytes_max >> 20),
                       std::chrono::milliseconds(2000)});
}

}  // namespace inpaintd::gateway
