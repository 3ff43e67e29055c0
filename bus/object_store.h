// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bus/connection.h"
#include "core/request.h"

namespace inpaintd {

/// What an object store tells of an object.
struct ObjectInfo {
  std::string id;  ///< of the chunks; it changes when the object is replaced
  std::uint64_t bytes = 0;
  std::uint64_t chunks = 0;
  std::string digest;  ///< "SHA-256=" and the base64url text of the hash
};

/// What a bucket may hold.
struct BucketOptions {
  std::chrono::seconds age_max{0};  ///< objects are removed after this time; 0: never
  std::int64_t bytes_max = -1;      ///< of all objects; -1: no limit
  int replicas = 1;

  friend bool operator==(const BucketOptions&, const BucketOptions&) = default;
};

/// The bucket in which the project's programs keep pictures that no message can hold.
inline constexpr std::string_view pictures_bucket = "inpaint_pictures";

/// The limits of a program that reads and stores objects.
struct ObjectLimits {
  std::size_t bytes_max = 256 << 20;          ///< of one object
  std::chrono::milliseconds timeout{30'000};  ///< for reading or storing one object

  friend bool operator==(const ObjectLimits&, const ObjectLimits&) = default;
};

/// A bucket of the object store of NATS: objects of any size as chunks in a JetStream stream (NATS's ADR-20). The
/// objects can be read and written by all client libraries of NATS that have an object store. Thread safe. Each call
/// ends within `timeout`.
///
/// Errors: object_not_found; store_failed: JetStream or the bucket is missing, the server does not answer, is full, or
/// denies the operation.
class ObjectStore {
 public:
  /// The connection must outlive the object.
  ObjectStore(Connection& connection, std::string bucket, std::chrono::milliseconds timeout);

  /// The options of the bucket; nothing if it does not exist. Errors: store_failed, when this cannot be known.
  Result<std::optional<BucketOptions>> options();
  /// Makes the bucket. Errors: store_failed, also when a bucket of this name has other options.
  Status create(const BucketOptions& options);

  Result<ObjectInfo> info(const std::string& name);
  /// The bytes of the object that `info` described, whose digest and size are checked. The caller bounds `info.bytes`.
  Result<std::string> get(const std::string& name, const ObjectInfo& info);
  /// The same for an object of any size.
  Result<std::string> get(const std::string& name);
  /// Stores an object, and replaces one of the same name. The name shows the new object only when all of its bytes are
  /// stored, and its predecessor until then.
  Status put(const std::string& name, Bytes bytes);
  /// Removes an object. An object that does not exist is no error.
  Status remove(const std::string& name);

 private:
  Connection& connection_;
  std::string bucket_;
  std::chrono::milliseconds timeout_;
};

}  // namespace inpaintd
