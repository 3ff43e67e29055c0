// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <msgpack.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/names.h"
#include "core/request.h"
#include "core/result.h"

/// How msgpack maps become structs and back: one table of fields per struct, used for decoding, for encoding and for
/// the messages about unknown keys. Private to wire_*.cpp.
namespace inpaintd::wire {

using Value = msgpack::object;

/// Lets msgpack write straight into a string.
struct Sink {
  std::string bytes;
  void write(const char* data, std::size_t size) { bytes.append(data, size); }
};
using Packer = msgpack::packer<Sink>;

inline void pack_text(Packer& out, std::string_view text) {
  out.pack_str(static_cast<std::uint32_t>(text.size()))
      .pack_str_body(text.data(), static_cast<std::uint32_t>(text.size()));
}

/// A width, height or coordinate; far beyond every limit of the service, and width * height * 3 still fits 64 bits.
inline constexpr std::int64_t coordinate_max = 1 << 24;

/// `path` must be `wanted`, but is `value`.
Error wrong(const std::string& path, const std::string& wanted, const Value& value);
/// `text` fit for a message: printable, short.
std::string printable(std::string_view text);

// ---- Kinds: how one value is read and written. `read` refuses with a message that names `path`. ----

Result<std::int64_t> read_integer(const Value& value, const std::string& path, std::int64_t min, std::int64_t max);
Result<Bytes> read_blob(const Value& value, const std::string& path, const std::string& wanted);
Result<Rect> read_rect(const Value& value, const std::string& path, int side_min);
void write_rect(Packer& out, const Rect& rect);

/// An integer of any msgpack width, for any arithmetic or duration member, optional or not.
struct Integer {
  std::int64_t min = 0;
  std::int64_t max = std::numeric_limits<std::int64_t>::max();

  template <class T>
  Status read(const Value& value, const std::string& path, T& out) const {
    auto number = read_integer(value, path, min, max);
    if (!number) return std::move(number.error());
    assign(out, *number);
    return Ok{};
  }
  template <class T>
  void write(Packer& out, const T& in) const {
    out.pack(count(in));
  }

 private:
  template <class T>
  static void assign(std::optional<T>& out, std::int64_t number) {
    assign(out.emplace(), number);
  }
  template <class T>
  static void assign(T& out, std::int64_t number) {
    out = static_cast<T>(number);
  }
  template <class T>
  static std::int64_t count(const std::optional<T>& in) {
    return count(*in);
  }
  template <class R, class P>
  static std::int64_t count(std::chrono::duration<R, P> in) {
    return in.count();
  }
  template <class T>
  static std::int64_t count(const T& in) {
    return static_cast<std::int64_t>(in);
  }
};

struct Flag {
  Status read(const Value& value, const std::string& path, bool& out) const;
  void write(Packer& out, bool in) const { in ? out.pack_true() : out.pack_false(); }
};

struct Text {
  Status read(const Value& value, const std::string& path, std::string& out) const;
  void write(Packer& out, const std::string& in) const { pack_text(out, in); }
};

struct Id {
  Status read(const Value& value, const std::string& path, std::string& out) const;
  void write(Packer& out, const std::string& in) const { pack_text(out, in); }
};

/// Bytes; the span read points into the message. `str` is accepted: old encoders know no `bin`.
struct Blob {
  Status read(const Value& value, const std::string& path, Bytes& out) const;
  Status read(const Value& value, const std::string& path, std::optional<Bytes>& out) const;
  void write(Packer& out, Bytes in) const;
  void write(Packer& out, const std::optional<Bytes>& in) const { write(out, *in); }
};

/// One of an enum's names.
struct Name {
  template <class E>
  Status read(const Value& value, const std::string& path, E& out) const {
    if (value.type == msgpack::type::STR)
      if (auto known = from_name<E>({value.via.str.ptr, value.via.str.size})) {
        out = *known;
        return Ok{};
      }
    return wrong(path, "one of " + names_of<E>(), value);
  }
  template <class E>
  void write(Packer& out, E in) const {
    pack_text(out, name(in));
  }
};

struct Box {
  Status read(const Value& value, const std::string& path, Rect& out) const;
  void write(Packer& out, const Rect& in) const { write_rect(out, in); }
};

// ---- Fields: a key and its member ----

/// One key of a map that is read from and written to a T.
template <class T>
struct Field {
  std::string_view key;
  bool required;  ///< when reading; and it is always written
  Status (*read)(const Value& value, const std::string& path, T& out);
  void (*write)(Packer& out, const T& in);
  bool (*differs)(const T& in) = nullptr;  ///< from what is assumed when an optional key is absent

  [[nodiscard]] bool written(const T& in) const { return required || differs(in); }
};

/// The key that must be there, kept in `member` (a member pointer, or a stateless function from T& to the member).
template <class T, auto member, auto kind>
constexpr Field<T> required(std::string_view key) {
  return {key, true,
          [](const Value& value, const std::string& path, T& out) {
            return kind.read(value, path, std::invoke(member, out));
          },
          [](Packer& out, const T& in) { kind.write(out, std::invoke(member, in)); }};
}

/// A key that may be absent: then the member keeps the value it has in a fresh T.
template <class T, auto member, auto kind>
constexpr Field<T> optional(std::string_view key) {
  Field<T> field = required<T, member, kind>(key);
  field.required = false;
  field.differs = [](const T& in) {
    const auto& value = std::invoke(member, in);
    if constexpr (requires { value.has_value(); })
      return value.has_value();
    else
      return !(value == std::invoke(member, T{}));
  };
  return field;
}

/// A field that follows from the others: written, and not looked at when read.
template <class T, auto write_value>
constexpr Field<T> derived(std::string_view key) {
  return {key, true, [](const Value&, const std::string&, T&) -> Status { return Ok{}; },
          [](Packer& out, const T& in) { write_value(out, in); }};
}

// ---- Maps ----

enum class UnknownKeys : std::uint8_t { refuse, ignore };

/// A map's key as text. Error: it is not a string.
Result<std::string_view> key_of(const msgpack::object_kv& entry, const std::string& path);
Error unknown_key(std::string_view key, const std::string& path, const std::vector<std::string_view>& known);

inline std::string join(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : path + "." + std::string(key);
}

template <class T, std::size_t n>
Status read_map(const Value& map, const std::string& path, const Field<T> (&fields)[n], UnknownKeys unknown, T& out) {
  if (map.type != msgpack::type::MAP) return wrong(path, "a map", map);
  bool seen[n] = {};
  for (std::uint32_t i = 0; i < map.via.map.size; ++i) {
    const auto& entry = map.via.map.ptr[i];
    const auto key = key_of(entry, path);
    if (!key) return key.error();
    std::size_t which = 0;
    while (which < n && fields[which].key != *key) ++which;
    if (which == n && unknown == UnknownKeys::ignore) continue;
    if (which == n) {
      std::vector<std::string_view> known;
      for (const auto& each : fields) known.push_back(each.key);
      return unknown_key(*key, path, known);
    }
    const std::string here = join(path, *key);
    if (std::exchange(seen[which], true)) return Error{ErrorCode::bad_request, "key `" + here + "` appears twice"};
    if (Status read = fields[which].read(entry.val, here, out); !read) return read;
  }
  for (std::size_t i = 0; i < n; ++i)
    if (fields[i].required && !seen[i])
      return Error{ErrorCode::bad_request, "required key `" + join(path, fields[i].key) + "` is missing"};
  return Ok{};
}

template <class T, std::size_t n>
void write_map(Packer& out, const Field<T> (&fields)[n], const T& in) {
  std::uint32_t count = 0;
  for (const auto& each : fields) count += each.written(in) ? 1 : 0;
  out.pack_map(count);
  for (const auto& each : fields) {
    if (!each.written(in)) continue;
    pack_text(out, each.key);
    each.write(out, in);
  }
}

/// A map inside a map, with its own table.
template <const auto& fields, UnknownKeys unknown>
struct Nested {
  template <class T>
  Status read(const Value& value, const std::string& path, T& out) const {
    return read_map(value, path, fields, unknown, out);
  }
  template <class T>
  void write(Packer& out, const T& in) const {
    write_map(out, fields, in);
  }
};

/// Unpacks a message without copying: strings and bytes point into it. What it claims costs nothing until its bounds
/// are checked. Errors: bad_request (not msgpack, truncated, trailing bytes, too deep or too many elements, no map).
Result<msgpack::object_handle> unpack_map(Bytes message);

/// Unpacks and reads one whole message.
template <class T, std::size_t n>
Result<T> decode(Bytes message, const Field<T> (&fields)[n], UnknownKeys unknown) {
  const auto unpacked = unpack_map(message);
  if (!unpacked) return unpacked.error();
  T out;
  if (Status read = read_map(unpacked->get(), "", fields, unknown, out); !read) return std::move(read.error());
  return out;
}

template <class T, std::size_t n>
std::string encode(const Field<T> (&fields)[n], const T& in, std::size_t size_hint = 0) {
  Sink sink;
  sink.bytes.reserve(size_hint + 512);
  Packer packer(sink);
  write_map(packer, fields, in);
  return std::move(sink.bytes);
}

}  // namespace inpaintd::wire
