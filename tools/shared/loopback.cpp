// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>

namespace inpaintd::tools {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int make_socket() { return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }

}  // namespace

int connect_to_loopback(int port) {
  const int client = make_socket();
  const sockaddr_in address = loopback(port);
  if (connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return client;
  close(client);
  return -1;
}

bool accepts_connections(int port) {
  const int client = connect_to_loopback(port);
  return client >= 0 && close(client) == 0;
}

Result<int> bind_to_free_port(int socket) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  if (bind(socket, raw, size) != 0 || getsockname(socket, raw, &size) != 0)
    return Error{ErrorCode::internal, "no port of 127.0.0.1 is free; end programs that hold many connections"};
  return static_cast<int>(ntohs(address.sin_port));
}

Result<int> free_port() {
  const int listener = make_socket();
  auto port = bind_to_free_port(listener);
  close(listener);
  return port;
}

}  // namespace inpaintd::tools
