// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "bus/connection.h"
#include "bus/object_store.h"
#include "core/request.h"
#include "core/result.h"

namespace inpaintd {

/// How ingress and reply actors reach the pictures of requests and answers that are in the object store of NATS
/// (`image: {object: ...}` and `options.result` in docs/protocol.md). The functions wait for the NATS server; their
/// errors are those of ObjectStore. Without functions there is no store.
struct StoredPictures {
  std::function<Result<ObjectInfo>(const ObjectName&)> info;
  std::function<Result<std::string>(const ObjectName&, const ObjectInfo&)> get;
  std::function<Status(const ObjectName&, Bytes)> put;
};

/// The object store behind a connection.
StoredPictures stored_pictures(std::shared_ptr<Connection> connection, std::chrono::milliseconds timeout);

/// Reads the files that `request` names in the object store, and makes the request own them beside what it owns.
/// `admit` is asked before a file is read, with the bytes of all files so far. Errors: of
/// `admit`, of ObjectStore; too_large, for a file beyond `bytes_max`.
Status read_stored(Request& request, const StoredPictures& store, std::size_t bytes_max,
                   const std::function<Status(std::size_t bytes)>& admit);

/// The bytes that `read_stored` has read.
std::size_t stored_bytes(const Request& request);

}  // namespace inpaintd
