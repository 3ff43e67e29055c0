// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/connection.h"
#include "core/result.h"

namespace inpaintd {

/// A bucket of the key-value store of NATS (ADR-8): the last value of each key, in a JetStream stream. All client
/// libraries of NATS that have a key-value store can read and write it. Thread safe. Each call ends within `timeout`.
///
/// Errors: store_failed: JetStream or the bucket is missing, the server does not answer, is full, or denies the
/// operation.
class KeyValue {
 public:
  /// The connection must outlive the object.
  KeyValue(Connection& connection, std::string bucket, std::chrono::milliseconds timeout)
      : connection_(connection), bucket_(std::move(bucket)), timeout_(timeout) {}

  struct Entry {
    std::uint64_t revision = 0;  ///< of the key; it grows with every change
    std::string value;
  };

  /// The value as the leader of the bucket's stream knows it; nothing if the key does not exist.
  Result<std::optional<Entry>> get(const std::string& key);
  /// The value as any replica knows it, which may be the previous one for a moment. Permissions may allow this for some
  /// keys only.
  Result<std::optional<Entry>> look(const std::string& key);

  /// Makes a key. Returns its revision; nothing if the key exists.
  Result<std::optional<std::uint64_t>> create(const std::string& key, Bytes value);
  /// Changes a key if it still has this revision. Returns the new one; nothing if the key has another one.
  Result<std::optional<std::uint64_t>> update(const std::string& key, Bytes value, std::uint64_t revision);
  /// Removes a key, with its history. A key that does not exist is no error.
  Status remove(const std::string& key);

  /// All keys that begin with `prefix`, which is empty or ends with a dot, in no order; also keys that were removed a
  /// short time ago.
  Result<std::vector<std::string>> keys(std::string_view prefix = {});

 private:
  Connection& connection_;
  std::string bucket_;
  std::chrono::milliseconds timeout_;
};

}  // namespace inpaintd
