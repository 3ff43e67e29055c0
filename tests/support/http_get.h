// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace inpaintd::test {

struct HttpAnswer {
  int status = 0;  ///< 0: nobody answered
  std::string headers;
  std::string body;
};

/// One HTTP request to 127.0.0.1, in plain sockets: the tests must not trust the library that they test.
HttpAnswer http(int port, const std::string& path, const std::string& method = "GET");

}  // namespace inpaintd::test
