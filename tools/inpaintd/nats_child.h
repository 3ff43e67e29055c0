// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "core/result.h"
#include "tools/shared/child_process.h"

namespace inpaintd::tools {

/// A private nats-server on 127.0.0.1, for users without a NATS server. It ends with the object, or with this process.
class NatsChild {
 public:
  /// Starts the server on the port of `url`, with the message size that docs/protocol.md requires, and waits until it
  /// accepts connections. Errors: internal, when nats-server is not installed, the port is taken, or `url` is not an
  /// address of 127.0.0.1.
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
