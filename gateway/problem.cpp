// SPDX-License-Identifier: Apache-2.0
#include "gateway/problem.h"

#include <fmt/format.h>

namespace inpaintd::gateway {

using namespace std::chrono_literals;

Problem no_workers(const std::string& subject) {
  return {503, "no_workers",
          fmt::format(
              "no inpainting worker is connected: the subject {} has no subscriber; start inpaintd, or try again later",
              subject),
          true, 2000ms};
}

Problem disconnected() {
  return {503, "disconnected",
          "the connection to the NATS server is lost; the gateway reconnects by itself, try again in a few seconds",
          true, 2000ms};
}

}  // namespace inpaintd::gateway
