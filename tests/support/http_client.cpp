// SPDX-License-Identifier: Apache-2.0
#include "tests/support/http_client.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>

#include "tools/shared/loopback.h"

namespace inpaintd::test {

HttpSocket::HttpSocket(int port) : fd_(tools::connect_to_loopback(port)) {
  const timeval limit{600, 0};
  if (fd_ >= 0) setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

HttpSocket::~HttpSocket() {
  if (fd_ >= 0) close(fd_);
}

bool HttpSocket::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string HttpSocket::read() const {
  std::string buffer(64 << 10, '\0');
  const ssize_t got = recv(fd_, buffer.data(), buffer.size(), 0);
  buffer.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return buffer;
}

std::string HttpSocket::read_all() const {
  std::string all;
  for (std::string some = read(); !some.empty(); some = read()) all += some;
  return all;
}

std::string http_request(const std::string& method, const std::string& target, const std::string& body,
                         const HeaderLines& headers) {
  std::string text = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: " +
                     std::to_string(body.size()) + "\r\n";
  for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  return text + "\r\n" + body;
}

HttpAnswer http_exchange(int port, const std::string& bytes) {
  const HttpSocket socket(port);
  if (!socket.connected()) return {};
  (void)socket.send(bytes);  // fails if the server has refused the request already
  const std::string text = socket.read_all();
  const std::size_t space = text.find(' '), end = text.find("\r\n\r\n");
  if (space == std::string::npos || end == std::string::npos) return {};
  return {std::atoi(text.c_str() + space), text.substr(0, end), text.substr(end + 4)};
}

std::string header_in(const HttpAnswer& answer, const std::string& name) {
  const std::size_t at = answer.headers.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const std::size_t start = at + name.size() + 4;
  return answer.headers.substr(start, answer.headers.find("\r\n", start) - start);
}

EventClient::EventClient(int port, const std::string& target, const std::string& last_id) : socket_(port) {
  socket_.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n" +
               (last_id.empty() ? "" : "Last-Event-ID: " + last_id + "\r\n") + "\r\n");
}

int EventClient::status() {
  std::size_t end = 0;
  while (status_ == 0 && (end = raw_.find("\r\n\r\n")) == std::string::npos) {
    const std::string some = socket_.read();
    if (some.empty()) return 0;
    raw_ += some;
  }
  if (status_ == 0) {
    status_ = std::atoi(raw_.c_str() + raw_.find(' '));
    raw_.erase(0, end + 4);
  }
  return status_;
}

/// Unpacks one more chunk. Returns false at the end.
bool EventClient::fill() {
  while (!ended_) {
    const std::size_t line_end = raw_.find("\r\n");
    const std::size_t size = line_end == std::string::npos ? 0 : std::strtoul(raw_.c_str(), nullptr, 16);
    if (line_end != std::string::npos && raw_.size() >= line_end + 2 + size + 2) {
      text_ += raw_.substr(line_end + 2, size);
      raw_.erase(0, line_end + 2 + size + 2);
      ended_ = size == 0;
      return !ended_;
    }
    const std::string some = socket_.read();
    ended_ = some.empty();
    raw_ += some;
  }
  return false;
}

std::optional<std::string> EventClient::line() {
  std::size_t end = 0;
  while ((end = text_.find('\n')) == std::string::npos)
    if (!fill()) return std::nullopt;
  std::string line = text_.substr(0, end);
  text_.erase(0, end + 1);
  return line;
}

std::optional<ServerEvent> EventClient::next() {
  if (status() != 200) return std::nullopt;
  ServerEvent event;
  while (const auto text = line()) {
    if (text->empty() && !event.kind.empty()) return event;
    if (text->starts_with("id: ")) event.id = text->substr(4);
    if (text->starts_with("event: ")) event.kind = text->substr(7);
    if (text->starts_with("data: ")) event.data = text->substr(6);
  }
  return std::nullopt;
}

std::vector<ServerEvent> EventClient::all() {
  std::vector<ServerEvent> events;
  while (auto event = next()) events.push_back(std::move(*event));
  return events;
}

}  // namespace inpaintd::test
