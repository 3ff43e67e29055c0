// SPDX-License-Identifier: Apache-2.0
#include "tests/support/http_get.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

#include "tools/shared/loopback.h"

namespace inpaintd::test {

HttpAnswer http(int port, const std::string& path, const std::string& method) {
  const int fd = tools::connect_to_loopback(port);
  if (fd < 0) return {};
  const std::string request =
      method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  std::string text;
  if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
    char buffer[4096];
    for (ssize_t got = 0; (got = recv(fd, buffer, sizeof buffer, 0)) > 0;)
      text.append(buffer, static_cast<size_t>(got));
  }
  close(fd);
  const std::size_t space = text.find(' '), end = text.find("\r\n\r\n");
  if (space == std::string::npos || end == std::string::npos) return {};
  return {std::atoi(text.c_str() + space), text.substr(0, end), text.substr(end + 4)};
}

}  // namespace inpaintd::test
