// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <msgpack.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/names.h"
#include "core/request.h"
#include "core/result.h"

/// How msgpack maps become structs. Private to bus/wire/.
namespace inpaintd::wire {

using Value = msgpack::object;

/// The largest width, height or coordinate: far beyond every limit of the service, and width * height * 3 still fits
/// into 64 bits.
inline constexpr std::int64_t coordinate_max = 1 << 24;

/// The error of a value that is not what `wanted` says. An empty `path` means the whole message.
Error wrong_value(const std::string& path, std::string_view wanted, const Value& value);

/// The first 40 characters of `text`, with `?` for everything that is not printable ASCII.
std::string printable(std::string_view text);

/// Whether a value is what encoders write for nothing: nil, or the extension for `undefined`.
bool is_absent(const Value& value);

enum class UnknownKeys : std::uint8_t { refuse, ignore };

/// Reads the keys of one map. The first error is remembered and later calls do nothing; `finish` returns the error.
/// Bytes that are read point into the message. request.cpp shows the use.
class MapReader {
 public:
  /// Reads a whole message, which must be one map. Errors of `finish`: bad_request (not msgpack, truncated, trailing
  /// bytes, too deep, too many elements, not a map). No length that the message claims is allocated before it is
  /// checked.
  explicit MapReader(Bytes message, UnknownKeys unknown = UnknownKeys::refuse);
  /// Reads a map inside of a message; `path` is its place, such as `options`.
  MapReader(const Value& map, std::string path, UnknownKeys unknown = UnknownKeys::refuse);

  /// Reads a key that must be there. `read` is a function from a value and its path to a Result.
  template <class T, class Read>
  void required(std::string_view key, T& out, Read read) {
    if (const Value* value = require(key)) assign(key, *value, out, read);
  }
  /// Reads a key that may be absent, or nil; `out` then keeps its value.
  template <class T, class Read>
  void optional(std::string_view key, T& out, Read read) {
    if (const Value* value = find(key); value != nullptr && !is_absent(*value)) assign(key, *value, out, read);
  }
  /// The value of a key that must be there; null when it is missing or an error was met before.
  const Value* require(std::string_view key);

  /// Remembers `error` unless there is an earlier one.
  void fail(Error error);

  /// `result`, or the first of: an error that was met, an unknown key, a missing key. To be called after the last key.
  template <class T>
  Result<T> finish(T result) {
    if (auto error = first_error()) return std::move(*error);
    return result;
  }

 private:
  void open(const Value& map);
  const Value* find(std::string_view key);
  [[nodiscard]] std::string path_of(std::string_view key) const;
  [[nodiscard]] std::optional<Error> first_error() const;
  [[nodiscard]] Error unknown_key(std::string_view key) const;

  template <class T, class Read>
  void assign(std::string_view key, const Value& value, T& out, Read read) {
    auto result = read(value, path_of(key));
    if (!result) return fail(std::move(result.error()));
    out = std::move(*result);
  }

  msgpack::object_handle message_;
  std::string path_;
  UnknownKeys unknown_;
  std::span<const msgpack::object_kv> entries_;  ///< empty after an error
  std::vector<std::string_view> known_;          ///< keys that were asked for
  std::optional<std::string_view> missing_;
  std::optional<Error> error_;
};

// ---- Readers of one value. Their errors are bad_request and name `path`. ----

/// An integer of any msgpack width, from `min` to `max`.
Result<std::int64_t> read_integer(const Value& value, const std::string& path, std::int64_t min, std::int64_t max);
Result<bool> read_flag(const Value& value, const std::string& path);
Result<std::string> read_text(const Value& value, const std::string& path);
/// A request's id (core/request.h valid_id).
Result<std::string> read_id(const Value& value, const std::string& path);
/// Bytes inside of the message. `str` is accepted, because old encoders do not know `bin`.
Result<Bytes> read_bytes(const Value& value, const std::string& path);
/// The same; `wanted` says in the error what else the value may be.
Result<Bytes> read_bytes_or(const Value& value, const std::string& path, std::string_view wanted);
/// `[x, y, w, h]` with sides from `side_min`.
Result<Rect> read_rect(const Value& value, const std::string& path, int side_min);

/// `{bucket, name}`.
Result<ObjectName> read_object(const Value& value, const std::string& path);

/// The elements of an array, each read by `read`. `wanted` says in the error what the array holds.
template <class T, class Read>
Result<std::vector<T>> read_array(const Value& value, const std::string& path, std::string_view wanted, Read read) {
  if (value.type != msgpack::type::ARRAY) return wrong_value(path, wanted, value);
  std::vector<T> elements;
  elements.reserve(value.via.array.size);
  for (std::uint32_t i = 0; i < value.via.array.size; ++i) {
    auto element = read(value.via.array.ptr[i], path + "[" + std::to_string(i) + "]");
    if (!element) return std::move(element.error());
    elements.push_back(std::move(*element));
  }
  return elements;
}

/// A reader of an integer or a duration from `min` to `max`.
template <class T>
auto integer(std::int64_t min = 0, std::int64_t max = std::numeric_limits<std::int64_t>::max()) {
  return [min, max](const Value& value, const std::string& path) -> Result<T> {
    const auto number = read_integer(value, path, min, max);
    if (!number) return number.error();
    return static_cast<T>(*number);
  };
}

/// One of the names of the enumeration E.
template <class E>
Result<E> read_name(const Value& value, const std::string& path) {
  if (value.type == msgpack::type::STR)
    if (const auto known = from_name<E>({value.via.str.ptr, value.via.str.size})) return *known;
  return wrong_value(path, "one of " + names_of<E>(), value);
}

}  // namespace inpaintd::wire
