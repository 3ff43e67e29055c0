// SPDX-License-Identifier: Apache-2.0
#include "actors/stored_pictures.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace inpaintd {
namespace {

/// What the spans of a request point to.
struct Owned {
  explicit Owned(std::shared_ptr<const void> earlier) : earlier(std::move(earlier)) {}

  std::shared_ptr<const void> earlier;
  std::string image, mask;
};

std::size_t file_bytes(const auto& source) {
  const auto* file = std::get_if<EncodedFile>(&source);
  return file == nullptr ? 0 : file->data.size();
}

}  // namespace

StoredPictures stored_pictures(std::shared_ptr<Connection> connection, std::chrono::milliseconds timeout) {
  const auto store = [connection = std::move(connection), timeout](const ObjectName& object) {
    return ObjectStore(*connection, object.bucket, timeout);
  };
  return {[store](const ObjectName& object) { return store(object).info(object.name); },
          [store](const ObjectName& object, const ObjectInfo& info) { return store(object).get(object.name, info); },
          [store](const ObjectName& object, Bytes bytes) { return store(object).put(object.name, bytes); }};
}

Status read_stored(Request& request, const StoredPictures& store, std::size_t bytes_max,
                   const std::function<Status(std::size_t bytes)>& admit) {
  const auto owned = std::make_shared<Owned>(std::move(request.owner));
  std::size_t held = 0;
  const auto read = [&](const std::optional<ObjectName>& at, std::string& bytes, auto& source) -> Status {
    if (!at) return Ok{};
    const auto info = store.info(*at);
    if (!info) return info.error();
    if (info->bytes > bytes_max)
      return Error{ErrorCode::too_large,
                   fmt::format("the object \"{}\" has {} bytes, and the limit is {} bytes; send a "
                               "smaller file, or raise objects.bytes_max of the service",
                               at->name, info->bytes, bytes_max)};
    held += info->bytes;
    if (Status admitted = admit(held); !admitted) return admitted;
    auto got = store.get(*at, *info);
    if (!got) return std::move(got.error());
    bytes = std::move(*got);
    source = EncodedFile{as_bytes(bytes)};
    return Ok{};
  };
  if (Status done = read(request.image_at, owned->image, request.image); !done) return done;
  if (Status done = read(request.mask_at, owned->mask, request.mask); !done) return done;
  request.owner = owned;
  return Ok{};
}

std::size_t stored_bytes(const Request& request) {
  return (request.image_at ? file_bytes(request.image) : 0) + (request.mask_at ? file_bytes(request.mask) : 0);
}

}  // namespace inpaintd
