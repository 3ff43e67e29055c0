// SPDX-License-Identifier: Apache-2.0
#include "bus/object_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>

#include "bus/bucket_stream.h"
#include "bus/jetstream.h"
#include "bus/sha256.h"

namespace inpaintd {
namespace {

using nlohmann::json;

constexpr std::size_t chunk_bytes = 128 << 10;
constexpr int not_found = 404;
constexpr std::chrono::milliseconds replica_wait{20};

std::string stream_of(const std::string& bucket) { return fmt::format("OBJ_{}", bucket); }

std::string chunks_subject(const std::string& bucket, std::string_view id) {
  return fmt::format("$O.{}.C.{}", bucket, id);
}

std::string info_subject(const std::string& bucket, const std::string& name) {
  return fmt::format("$O.{}.M.{}", bucket, to_base64url(as_bytes(name)));
}

/// A hash in the form of ADR-20.
std::string digest_of(Sha256& hash) { return "SHA-256=" + to_base64url(hash.finish()); }

/// One operation on one bucket.
class Operation {
 public:
  Operation(Connection& connection, const std::string& bucket, std::chrono::milliseconds timeout)
      : jetstream_(connection, timeout), bucket_(bucket), stream_(stream_of(bucket)) {}

  JetStream& jetstream() { return jetstream_; }

  /// The description of an object; nothing if it does not exist.
  Result<std::optional<ObjectInfo>> find(const std::string& name) {
    auto stored = jetstream_.last(stream_, info_subject(bucket_, name));
    if (!stored && stored.error().code == not_found) return not_found_is(stored.error());
    if (!stored) return failed(stored.error());
    const json text = json::parse(stored->data, nullptr, /*allow_exceptions=*/false);
    if (!text.is_object()) return failed({0, fmt::format("the description of object \"{}\" is not JSON", name)});
    if (text.value("deleted", false)) return std::optional<ObjectInfo>();
    if (text.contains("options") && text["options"].contains("link"))
      return failed(
          {0, fmt::format("the object \"{}\" is a link, which is not supported; name the object itself", name)});
    return std::optional(ObjectInfo{text.value("nuid", ""), text.value("size", std::uint64_t{0}),
                                    text.value("chunks", std::uint64_t{0}), text.value("digest", "")});
  }

  Result<std::string> read(const std::string& name, const ObjectInfo& info) {
    std::string bytes;
    bytes.reserve(info.bytes);
    Sha256 hash;
    const std::string subject = chunks_subject(bucket_, info.id);
    std::uint64_t sequence = 0;
    for (std::uint64_t i = 0; i < info.chunks; ++i) {
      auto chunk = next_chunk(subject, sequence + 1);
      if (!chunk) return failed(chunk.error());
      sequence = chunk->sequence;
      if (bytes.size() + chunk->data.size() > info.bytes) break;
      hash.add(as_bytes(chunk->data));
      bytes += chunk->data;
    }
    if (bytes.size() != info.bytes || digest_of(hash) != info.digest)
      return failed(
          {0,
           fmt::format("the bytes of object \"{}\" do not have the announced size and digest; store it again", name)});
    return bytes;
  }

  Status write(const std::string& name, Bytes bytes, std::size_t chunk_max) {
    auto old = find(name);
    if (!old) return std::move(old.error());
    const std::string id = unique_id();
    const std::string subject = chunks_subject(bucket_, id);
    Sha256 hash;
    hash.add(bytes);
    json description{{"name", name},
                     {"bucket", bucket_},
                     {"nuid", id},
                     {"size", bytes.size()},
                     {"chunks", 0},
                     {"digest", digest_of(hash)},
                     {"options", {{"max_chunk_size", chunk_max}}}};
    std::size_t count = 0;
    for (std::size_t at = 0; at < bytes.size(); at += chunk_max, ++count)
      if (Status stored = jetstream_.store(subject, bytes.subspan(at, std::min(chunk_max, bytes.size() - at)));
          !stored) {
        purge(id);
        return failed({0, stored.error().message});
      }
    description["chunks"] = count;
    if (Status named = describe(name, description); !named) {
      purge(id);
      return named;
    }
    if (*old) purge((*old)->id);
    return Ok{};
  }

  Status remove(const std::string& name) {
    auto old = find(name);
    if (!old) return std::move(old.error());
    if (!*old) return Ok{};
    const json description{{"name", name}, {"bucket", bucket_}, {"nuid", (*old)->id}, {"size", 0},
                           {"chunks", 0},  {"digest", ""},      {"deleted", true}};
    if (Status told = describe(name, description); !told) return told;
    purge((*old)->id);
    return Ok{};
  }

  [[nodiscard]] Error failed(const JetStreamError& error) const {
    return {ErrorCode::store_failed, fmt::format("object store: bucket \"{}\": {}", bucket_, error.message)};
  }

 private:
  /// Tells an object that does not exist from a bucket that does not exist.
  Result<std::optional<ObjectInfo>> not_found_is(const JetStreamError& error) {
    if (const auto stream = jetstream_.call("STREAM.INFO." + stream_); !stream)
      return failed(stream.error().code == not_found ? JetStreamError{not_found,
                                                                      "it does not exist; make it with "
                                                                      "inpaint-setup"}
                                                     : error);
    return std::optional<ObjectInfo>();
  }

  /// A replica that answers may be behind the leader, which has all chunks of an object that has a name.
  JetStreamResult<JetStream::Stored> next_chunk(const std::string& subject, std::uint64_t from) {
    for (;;) {
      auto chunk = jetstream_.next(stream_, subject, from);
      if (chunk || chunk.error().code != not_found || !tries_left()) return chunk;
      std::this_thread::sleep_for(replica_wait);
    }
  }
  bool tries_left() { return tries_-- > 0; }

  Status describe(const std::string& name, const json& description) {
    const Status stored =
        jetstream_.store(info_subject(bucket_, name), as_bytes(description.dump()), {{"Nats-Rollup", "sub"}});
    if (!stored) return failed({0, stored.error().message});
    return Ok{};
  }

  /// Removes chunks that no name shows any more. A failure leaves them to the bucket's age limit.
  void purge(const std::string& id) {
    (void)jetstream_.call("STREAM.PURGE." + stream_, {{"filter", chunks_subject(bucket_, id)}});
  }

  JetStream jetstream_;
  const std::string& bucket_;
  std::string stream_;
  int tries_ = 50;
};

}  // namespace

json bucket_stream(const std::string& bucket, const BucketOptions& options) {
  return {{"name", stream_of(bucket)},
          {"subjects", {fmt::format("$O.{}.C.>", bucket), fmt::format("$O.{}.M.>", bucket)}},
          {"retention", "limits"},
          {"storage", "file"},
          {"discard", "new"},
          {"max_age", std::chrono::nanoseconds(options.age_max).count()},
          {"max_bytes", options.bytes_max},
          {"num_replicas", options.replicas},
          {"allow_rollup_hdrs", true},
          {"allow_direct", true}};
}

ObjectStore::ObjectStore(Connection& connection, std::string bucket, std::chrono::milliseconds timeout)
    : connection_(connection), bucket_(std::move(bucket)), timeout_(timeout) {}

Result<std::optional<BucketOptions>> ObjectStore::options() {
  Operation operation(connection_, bucket_, timeout_);
  const auto stream = operation.jetstream().call("STREAM.INFO." + stream_of(bucket_));
  if (!stream && stream.error().code == not_found) return std::optional<BucketOptions>();
  if (!stream) return operation.failed(stream.error());
  const json config = stream->value("config", json::object());
  const std::chrono::nanoseconds age(config.value("max_age", std::int64_t{0}));
  return std::optional(BucketOptions{std::chrono::duration_cast<std::chrono::seconds>(age),
                                     config.value("max_bytes", std::int64_t{-1}), config.value("num_replicas", 1)});
}

Status ObjectStore::create(const BucketOptions& options) {
  Operation operation(connection_, bucket_, timeout_);
  const auto done = operation.jetstream().call("STREAM.CREATE." + stream_of(bucket_), bucket_stream(bucket_, options));
  if (!done) return operation.failed(done.error());
  return Ok{};
}

Result<ObjectInfo> ObjectStore::info(const std::string& name) {
  auto found = Operation(connection_, bucket_, timeout_).find(name);
  if (!found) return std::move(found.error());
  if (*found) return std::move(**found);
  return Error{ErrorCode::object_not_found, fmt::format("the bucket \"{}\" has no object \"{}\"", bucket_, name)};
}

Result<std::string> ObjectStore::get(const std::string& name, const ObjectInfo& info) {
  return Operation(connection_, bucket_, timeout_).read(name, info);
}

Result<std::string> ObjectStore::get(const std::string& name) {
  const auto found = info(name);
  return found ? get(name, *found) : Result<std::string>(found.error());
}

Status ObjectStore::put(const std::string& name, Bytes bytes) {
  // A message with its subject must fit the server's limit.
  const auto limit = static_cast<std::size_t>(std::max<std::int64_t>(connection_.max_payload(), 1024));
  return Operation(connection_, bucket_, timeout_).write(name, bytes, std::min(chunk_bytes, limit));
}

Status ObjectStore::remove(const std::string& name) { return Operation(connection_, bucket_, timeout_).remove(name); }

}  // namespace inpaintd
