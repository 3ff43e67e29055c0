// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace inpaintd::test {

struct HttpAnswer {
  int status = 0;  ///< 0: no response
  std::string headers;
  std::string body;
};

/// Sends one HTTP request to `port` of 127.0.0.1. It uses plain sockets, because the service itself uses an HTTP
/// library and a test must not depend on the code that it tests.
HttpAnswer http(int port, const std::string& path, const std::string& method = "GET");

}  // namespace inpaintd::test
