// SPDX-License-Identifier: Apache-2.0
#include "bus/wire/fields.h"

#include <algorithm>

#include "core/text.h"

namespace inpaintd::wire {
namespace {

constexpr std::size_t map_entries_max = 64;
constexpr std::size_t array_elements_max = 4096;  // the most rectangles a mask may have
constexpr std::size_t depth_max = 8;
constexpr std::size_t bytes_max = std::numeric_limits<std::uint32_t>::max();

/// What a value is, in words.
std::string describe(const Value& value) {
  switch (value.type) {
    case msgpack::type::NIL:
      return "nil";
    case msgpack::type::BOOLEAN:
      return value.via.boolean ? "true" : "false";
    case msgpack::type::POSITIVE_INTEGER:
      return std::to_string(value.via.u64);
    case msgpack::type::NEGATIVE_INTEGER:
      return std::to_string(value.via.i64);
    case msgpack::type::FLOAT32:
    case msgpack::type::FLOAT64:
      return "a float";
    case msgpack::type::STR:
      return "\"" + printable({value.via.str.ptr, value.via.str.size}) + "\"";
    case msgpack::type::BIN:
      return "bin";
    case msgpack::type::ARRAY:
      return "an array of " + std::to_string(value.via.array.size);
    case msgpack::type::MAP:
      return "a map";
    default:
      return "a msgpack extension";
  }
}

Error malformed(const std::string& cause) { return {ErrorCode::bad_request, "the message " + cause}; }

}  // namespace

std::string printable(std::string_view text) {
  constexpr std::size_t shown_max = 40;
  std::string shown(text.substr(0, shown_max));
  for (char& c : shown)
    if (c < ' ' || c > '~') c = '?';
  return text.size() > shown_max ? shown + "..." : shown;
}

Error wrong(const std::string& path, const std::string& wanted, const Value& value) {
  const std::string subject = path.empty() ? "the message" : "`" + path + "`";
  return {ErrorCode::bad_request, subject + " must be " + wanted + ", not " + describe(value)};
}

Error unknown_key(std::string_view key, const std::string& path, const std::vector<std::string_view>& known) {
  std::string message = "unknown key `" + join(path, printable(key)) + "`";
  // A long key is no misspelling, and edit_distance would be slow.
  const std::string_view candidate = key.size() <= 32 ? nearest(key, known) : std::string_view{};
  if (!candidate.empty() && edit_distance(key, candidate) <= std::min<std::size_t>(2, candidate.size() - 1))
    return {ErrorCode::bad_request, message + "; did you mean `" + std::string(candidate) + "`?"};
  std::string list;
  for (std::string_view each : known) list.append(list.empty() ? "" : ", ").append(each);
  return {ErrorCode::bad_request, message + "; known here: " + list};
}

Result<std::string_view> key_of(const msgpack::object_kv& entry, const std::string& path) {
  if (entry.key.type == msgpack::type::STR) return std::string_view(entry.key.via.str.ptr, entry.key.via.str.size);
  const std::string place = path.empty() ? "the message" : "`" + path + "`";
  return Error{ErrorCode::bad_request, "the keys of " + place + " must be strings, not " + describe(entry.key)};
}

Result<std::int64_t> read_integer(const Value& value, const std::string& path, std::int64_t min, std::int64_t max) {
  const bool fits = value.type == msgpack::type::POSITIVE_INTEGER
                        ? value.via.u64 <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())
                        : value.type == msgpack::type::NEGATIVE_INTEGER;
  if (fits && value.via.i64 >= min && value.via.i64 <= max) return value.via.i64;
  const std::string upper = max == std::numeric_limits<std::int64_t>::max() ? "up" : "to " + std::to_string(max);
  return wrong(path, "an integer from " + std::to_string(min) + " " + upper, value);
}

Result<Bytes> read_blob(const Value& value, const std::string& path, const std::string& wanted) {
  // bin and str share their layout in the union, but not in the standard's eyes.
  if (value.type == msgpack::type::BIN)
    return Bytes(reinterpret_cast<const std::uint8_t*>(value.via.bin.ptr), value.via.bin.size);
  if (value.type == msgpack::type::STR)
    return Bytes(reinterpret_cast<const std::uint8_t*>(value.via.str.ptr), value.via.str.size);
  return wrong(path, wanted, value);
}

Result<Rect> read_rect(const Value& value, const std::string& path, int side_min) {
  if (value.type != msgpack::type::ARRAY || value.via.array.size != 4) return wrong(path, "[x, y, w, h]", value);
  int numbers[4];
  for (int i = 0; i < 4; ++i) {
    const auto number = read_integer(value.via.array.ptr[i], path + "[" + std::to_string(i) + "]", i < 2 ? 0 : side_min,
                                     coordinate_max);
    if (!number) return number.error();
    numbers[i] = static_cast<int>(*number);
  }
  return Rect{numbers[0], numbers[1], numbers[2], numbers[3]};
}

void write_rect(Packer& out, const Rect& rect) {
  out.pack_array(4).pack(rect.x).pack(rect.y).pack(rect.width).pack(rect.height);
}

Status Flag::read(const Value& value, const std::string& path, bool& out) const {
  if (value.type != msgpack::type::BOOLEAN) return wrong(path, "true or false", value);
  out = value.via.boolean;
  return Ok{};
}

Status Text::read(const Value& value, const std::string& path, std::string& out) const {
  if (value.type != msgpack::type::STR) return wrong(path, "a string", value);
  out.assign(value.via.str.ptr, value.via.str.size);
  return Ok{};
}

Status Id::read(const Value& value, const std::string& path, std::string& out) const {
  if (value.type != msgpack::type::STR || !valid_id({value.via.str.ptr, value.via.str.size}))
    return wrong(path, "a string of 1 to 128 characters of A-Z a-z 0-9 _ . : -", value);
  out.assign(value.via.str.ptr, value.via.str.size);
  return Ok{};
}

Status Blob::read(const Value& value, const std::string& path, Bytes& out) const {
  auto bytes = read_blob(value, path, "bin");
  if (!bytes) return std::move(bytes.error());
  out = *bytes;
  return Ok{};
}

Status Blob::read(const Value& value, const std::string& path, std::optional<Bytes>& out) const {
  return read(value, path, out.emplace());
}

void Blob::write(Packer& out, Bytes in) const {
  out.pack_bin(static_cast<std::uint32_t>(in.size()));
  out.pack_bin_body(reinterpret_cast<const char*>(in.data()), static_cast<std::uint32_t>(in.size()));
}

Status Box::read(const Value& value, const std::string& path, Rect& out) const {
  auto rect = read_rect(value, path, 0);
  if (!rect) return std::move(rect.error());
  out = *rect;
  return Ok{};
}

Result<msgpack::object_handle> unpack_map(Bytes message) {
  static const msgpack::unpack_limit limits(array_elements_max, map_entries_max, bytes_max, bytes_max, bytes_max,
                                            depth_max);
  const auto by_reference = [](msgpack::type::object_type, std::size_t, void*) { return true; };
  if (message.empty()) return malformed("is empty; a msgpack map is wanted");
  try {
    std::size_t end = 0;
    auto handle = msgpack::unpack(reinterpret_cast<const char*>(message.data()), message.size(), end, by_reference,
                                  nullptr, limits);
    if (handle->type != msgpack::type::MAP) return wrong("", "a msgpack map", handle.get());
    if (end != message.size())
      return malformed("has " + std::to_string(message.size() - end) + " bytes after the end of its msgpack map");
    return handle;
  } catch (const msgpack::insufficient_bytes&) {
    return malformed("is truncated: it ends inside of its msgpack map");
  } catch (const msgpack::size_overflow&) {
    return malformed("is nested too deep, or has too many elements (at most " + std::to_string(array_elements_max) +
                     " in an array, " + std::to_string(map_entries_max) + " in a map)");
  } catch (const std::exception&) {
    return malformed("is not msgpack");
  }
}

}  // namespace inpaintd::wire
