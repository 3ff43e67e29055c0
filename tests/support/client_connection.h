// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

#include "bus/connection.h"
#include "tests/support/eventually.h"

namespace inpaintd::test {

/// A connection to the NATS servers with these URLs. Fails the test when no server accepts the connection in time.
inline std::unique_ptr<Connection> connect_to(const std::string& urls) {
  ConnectionOptions options;
  options.url = urls;
  options.connect_timeout = long_enough;
  auto connection = Connection::open(options);
  if (!connection) FAIL(connection.error().message);
  return std::move(*connection);
}

}  // namespace inpaintd::test
