// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <msgpack.hpp>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/names.h"
#include "core/request.h"

/// How structs become msgpack maps. Private to bus/wire/.
namespace inpaintd::wire {

/// The bytes of a message that is being written.
struct Sink {
  std::string bytes;
  void write(const char* data, std::size_t size) { bytes.append(data, size); }
};
using Packer = msgpack::packer<Sink>;

/// More than any message needs besides its image and mask.
inline constexpr std::size_t small_message_bytes = 512;

inline void write(Sink& out, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  Packer(out).pack_str(size).pack_str_body(text.data(), size);
}
inline void write(Sink& out, Bytes bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  Packer(out).pack_bin(size).pack_bin_body(reinterpret_cast<const char*>(bytes.data()), size);
}
inline void write(Sink& out, const Rect& rect) {
  Packer(out).pack_array(4).pack(rect.x).pack(rect.y).pack(rect.width).pack(rect.height);
}
/// An integer in as few bytes as it needs, or a bool.
void write(Sink& out, std::integral auto value) { Packer(out).pack(value); }
template <class Rep, class Period>
void write(Sink& out, std::chrono::duration<Rep, Period> duration) {
  write(out, duration.count());
}
template <class E>
  requires std::is_enum_v<E>
void write(Sink& out, E value) {
  write(out, name(value));
}

/// Writes one map key by key, in the order of the calls.
class MapWriter {
 public:
  explicit MapWriter(Sink& out) : out_(out), head_(out.bytes.size()) { out_.bytes.push_back(empty_map); }

  template <class T>
  void add(std::string_view key, const T& value) {
    add(key, value, [](Sink& out, const T& each) { write(out, each); });
  }
  /// The same for a value with a writer of its own, such as a nested map.
  template <class T, class Write>
  void add(std::string_view key, const T& value, Write write_value) {
    count_entry();
    write(out_, key);
    write_value(out_, value);
  }
  /// Leaves the key out when the reader assumes the same value.
  template <class T>
  void add_unless_default(std::string_view key, const T& value, const T& default_value) {
    if (!(value == default_value)) add(key, value);
  }

 private:
  // The first byte of a msgpack map of up to 15 entries holds their number. A larger map has two more bytes for it,
  // which are inserted for the 16th entry; no map of the protocol comes near the 256th.
  static constexpr char empty_map = '\x80', full_map = '\x8f', large_map = '\xde';

  void count_entry() {
    char& head = out_.bytes[head_];
    if (head == large_map) {
      ++out_.bytes[head_ + 2];
    } else if (head != full_map) {
      ++head;
    } else {
      head = large_map;
      out_.bytes.insert(head_ + 1, std::string_view("\0\x10", 2));
    }
  }

  Sink& out_;
  std::size_t head_;  ///< where that byte is
};

inline void write_object(Sink& out, const ObjectName& object) {
  MapWriter map(out);
  map.add("bucket", std::string_view(object.bucket));
  map.add("name", std::string_view(object.name));
}

}  // namespace inpaintd::wire
