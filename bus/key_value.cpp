// SPDX-License-Identifier: Apache-2.0
#include "bus/key_value.h"

#include <fmt/format.h>

#include <utility>

#include "bus/jetstream.h"

namespace inpaintd {
namespace {

using nlohmann::json;

constexpr int not_found = 404;
constexpr std::string_view operation_header = "KV-Operation";  // of a message that removes a key

std::string stream_of(const std::string& bucket) { return "KV_" + bucket; }

std::string subject_of(const std::string& bucket, std::string_view key) {
  return fmt::format("$KV.{}.{}", bucket, key);
}

Error failed(const std::string& bucket, const JetStreamError& error) {
  return {ErrorCode::store_failed, fmt::format("key-value store: bucket \"{}\": {}", bucket, error.message)};
}

/// A stored message as an entry: nothing for a key that was never there, or was removed.
Result<std::optional<KeyValue::Entry>> entry_of(const std::string& bucket, JetStreamResult<JetStream::Stored> stored) {
  if (!stored && stored.error().code == not_found) return std::optional<KeyValue::Entry>();
  if (!stored) return failed(bucket, stored.error());
  if (!stored->header(operation_header).empty()) return std::optional<KeyValue::Entry>();
  return std::optional(KeyValue::Entry{stored->sequence, std::move(stored->data)});
}

/// Stores a value if the last message of its key has the sequence number `last`; 0: if there is none.
Result<std::optional<std::uint64_t>> store(JetStream& jetstream, const std::string& bucket, const std::string& key,
                                           Bytes value, std::uint64_t last) {
  const auto stored = jetstream.publish(subject_of(bucket, key), value,
                                        {{"Nats-Expected-Last-Subject-Sequence", std::to_string(last)}});
  if (stored) return std::optional(*stored);
  if (stored.error().reason == wrong_last_sequence) return std::optional<std::uint64_t>();
  return failed(bucket, stored.error());
}

}  // namespace

Result<std::optional<KeyValue::Entry>> KeyValue::get(const std::string& key) {
  return entry_of(bucket_, JetStream(connection_, timeout_).last(stream_of(bucket_), subject_of(bucket_, key)));
}

Result<std::optional<KeyValue::Entry>> KeyValue::look(const std::string& key) {
  return entry_of(bucket_, JetStream(connection_, timeout_).look(stream_of(bucket_), subject_of(bucket_, key)));
}

Result<std::optional<std::uint64_t>> KeyValue::create(const std::string& key, Bytes value) {
  JetStream jetstream(connection_, timeout_);
  auto created = store(jetstream, bucket_, key, value, 0);
  if (!created || *created) return created;
  // The last message of a key that was removed says so, and is replaced.
  const auto last = jetstream.look(stream_of(bucket_), subject_of(bucket_, key));
  if (!last || last->header(operation_header).empty()) return created;
  return store(jetstream, bucket_, key, value, last->sequence);
}

Result<std::optional<std::uint64_t>> KeyValue::update(const std::string& key, Bytes value, std::uint64_t revision) {
  JetStream jetstream(connection_, timeout_);
  return store(jetstream, bucket_, key, value, revision);
}

Status KeyValue::remove(const std::string& key) {
  const auto removed =
      JetStream(connection_, timeout_)
          .publish(subject_of(bucket_, key), {}, {{std::string(operation_header), "PURGE"}, {"Nats-Rollup", "sub"}});
  if (!removed) return failed(bucket_, removed.error());
  return Ok{};
}

Result<std::vector<std::string>> KeyValue::keys(std::string_view prefix) {
  JetStream jetstream(connection_, timeout_);
  const std::string start = subject_of(bucket_, "");
  std::vector<std::string> keys;
  for (;;) {
    // The server names the subjects in pages.
    const auto stream =
        jetstream.call("STREAM.INFO." + stream_of(bucket_),
                       {{"subjects_filter", fmt::format("{}{}>", start, prefix)}, {"offset", keys.size()}});
    if (!stream) return failed(bucket_, stream.error());
    const json subjects = stream->value("state", json::object()).value("subjects", json::object());
    if (!subjects.is_object() || subjects.empty()) return keys;
    for (const auto& [subject, count] : subjects.items()) keys.push_back(subject.substr(start.size()));
    if (keys.size() >= stream->value("total", keys.size())) return keys;
  }
}

}  // namespace inpaintd
