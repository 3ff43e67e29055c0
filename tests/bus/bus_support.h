// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bus/connection.h"
#include "tests/support/eventually.h"
#include "tests/support/nats_server.h"

namespace inpaintd::test {

/// Texts that are collected on one thread and read on another. Handlers share it, because they may outlive the test.
class Log {
 public:
  void add(std::string text) {
    const std::scoped_lock lock(mutex_);
    texts_.push_back(std::move(text));
  }
  [[nodiscard]] std::vector<std::string> all() const {
    const std::scoped_lock lock(mutex_);
    return texts_;
  }
  [[nodiscard]] std::size_t size() const { return all().size(); }
  [[nodiscard]] bool contains(const std::string& part) const {
    for (const auto& text : all())
      if (text.find(part) != std::string::npos) return true;
    return false;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> texts_;
};
using LogPtr = std::shared_ptr<Log>;

inline std::string string_of(Bytes data) { return {data.begin(), data.end()}; }

/// A connection that must succeed. Its events are added to `log`.
inline std::unique_ptr<Connection> connect(ConnectionOptions options, const LogPtr& log = nullptr) {
  options.connect_timeout = long_enough;
  ConnectionEvents events;
  if (log) {
    events.disconnected = [log](const std::string&) { log->add("disconnected"); };
    events.reconnected = [log](const std::string& url) { log->add("connected " + url); };
    events.error = [log](const std::string& what) { log->add("error " + what); };
  }
  auto connection = Connection::open(options, std::move(events));
  if (!connection) FAIL(connection.error().message);
  return std::move(*connection);
}

/// The message of a result that must be an error.
template <class T>
std::string failure(const Result<T>& result) {
  REQUIRE(!result);
  return result.error().message;
}

}  // namespace inpaintd::test
