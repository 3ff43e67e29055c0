// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "core/result.h"
#include "tools/shared/child_process.h"

namespace inpaintd::tools {

/// A nats-server of our own on loopback, for people who have none. Ends with the object, or with this process.
class NatsChild {
 public:
  /// Starts it on `url`'s port, with the message size that docs/protocol.md asks for, and waits until it accepts.
  /// Errors: internal; not installed, port taken, url not on loopback.
  static Result<std::unique_ptr<NatsChild>> start(const std::string& url);

  NatsChild(const NatsChild&) = delete;
  NatsChild& operator=(const NatsChild&) = delete;
  ~NatsChild();

 private:
  NatsChild(std::unique_ptr<ChildProcess> server, std::string config_file)
      : config_file_(std::move(config_file)), server_(std::move(server)) {}
  Status wait_until_it_accepts(int port);

  const std::string config_file_;
  std::unique_ptr<ChildProcess> server_;
};

}  // namespace inpaintd::tools
