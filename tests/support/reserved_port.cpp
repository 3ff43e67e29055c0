// SPDX-License-Identifier: Apache-2.0
#include "tests/support/reserved_port.h"

#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "tools/shared/loopback.h"

namespace inpaintd::test {

ReservedPort::ReservedPort() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const int yes = 1;
  setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const auto port = tools::bind_to_free_port(socket_);
  if (!port) {
    close(socket_);
    throw std::runtime_error(port.error().message);
  }
  number_ = *port;
}

ReservedPort::~ReservedPort() { close(socket_); }

}  // namespace inpaintd::test
