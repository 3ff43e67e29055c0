// SPDX-License-Identifier: Apache-2.0
#include "bus/wire/map_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "bus/wire/recognise.h"
#include "core/text.h"
#include "core/utf8.h"

namespace inpaintd::wire {
namespace {

constexpr std::size_t map_entries_max = 64;
constexpr std::size_t array_elements_max = 4096;  // the most rectangles that a mask may have
constexpr std::size_t depth_max = 8;
constexpr std::size_t bytes_max = std::numeric_limits<std::uint32_t>::max();

template <class... Parts>
Error bad_request(fmt::format_string<Parts...> text, Parts&&... parts) {
  return {ErrorCode::bad_request, fmt::format(text, std::forward<Parts>(parts)...)};
}

std::string_view text_of(const Value& text) { return {text.via.str.ptr, text.via.str.size}; }

/// A value in words, for errors.
std::string describe(const Value& value) {
  switch (value.type) {
    case msgpack::type::NIL:
      return "nil";
    case msgpack::type::BOOLEAN:
      return value.via.boolean ? "true" : "false";
    case msgpack::type::POSITIVE_INTEGER:
      return fmt::format("{}", value.via.u64);
    case msgpack::type::NEGATIVE_INTEGER:
      return fmt::format("{}", value.via.i64);
    case msgpack::type::FLOAT32:
    case msgpack::type::FLOAT64:
      return "a float";
    case msgpack::type::STR:
      return fmt::format("\"{}\"", printable(text_of(value)));
    case msgpack::type::BIN:
      return "bin";
    case msgpack::type::ARRAY:
      return fmt::format("an array of {}", value.via.array.size);
    case msgpack::type::MAP:
      return "a map";
    default:
      return "a msgpack extension";
  }
}

/// How errors name a place in the message.
std::string subject(const std::string& path) { return path.empty() ? "the message" : fmt::format("`{}`", path); }

Result<msgpack::object_handle> unpack_map(Bytes message) {
  static const msgpack::unpack_limit limits(array_elements_max, map_entries_max, bytes_max, bytes_max, bytes_max,
                                            depth_max);
  const auto by_reference = [](msgpack::type::object_type, std::size_t, void*) { return true; };
  if (message.empty()) return bad_request("the message is empty; a msgpack map is wanted");
  try {
    std::size_t end = 0;
    auto handle = msgpack::unpack(reinterpret_cast<const char*>(message.data()), message.size(), end, by_reference,
                                  nullptr, limits);
    if (handle->type != msgpack::type::MAP) {
      if (const auto known = recognise_message(message)) return bad_request("{}", *known);
      return wrong_value("", "a msgpack map", handle.get());
    }
    if (end != message.size())
      return bad_request("the message has {} bytes after the end of its msgpack map", message.size() - end);
    return handle;
  } catch (const msgpack::insufficient_bytes&) {
    return bad_request("the message is truncated: it ends inside of its msgpack map");
  } catch (const msgpack::size_overflow&) {
    if (const auto known = recognise_numbers(message, array_elements_max)) return bad_request("{}", *known);
    return bad_request("the message is nested too deep, or has too many elements (at most {} in an array, {} in a map)",
                       array_elements_max, map_entries_max);
  } catch (const std::exception&) {
    return bad_request("the message is not msgpack");
  }
}

}  // namespace

std::string printable(std::string_view text) {
  constexpr std::size_t shown_max = 40;
  std::string shown(text.substr(0, shown_max));
  for (char& c : shown)
    if (c < ' ' || c > '~') c = '?';
  return text.size() > shown_max ? shown + "..." : shown;
}

Error wrong_value(const std::string& path, std::string_view wanted, const Value& value) {
  return bad_request("{} must be {}, not {}", subject(path), wanted, describe(value));
}

MapReader::MapReader(Bytes message, UnknownKeys unknown) : unknown_(unknown) {
  auto unpacked = unpack_map(message);
  if (unpacked) {
    message_ = std::move(*unpacked);
    open(message_.get());
  } else {
    fail(std::move(unpacked.error()));
  }
}

MapReader::MapReader(const Value& map, std::string path, UnknownKeys unknown)
    : path_(std::move(path)), unknown_(unknown) {
  open(map);
}

void MapReader::open(const Value& map) {
  if (map.type != msgpack::type::MAP) return fail(wrong_value(path_, "a map", map));
  entries_ = {map.via.map.ptr, map.via.map.size};
  for (const auto& entry : entries_)
    if (entry.key.type != msgpack::type::STR)
      return fail(bad_request("the keys of {} must be strings, not {}", subject(path_), describe(entry.key)));
}

const Value* MapReader::find(std::string_view key) {
  known_.push_back(key);
  const Value* found = nullptr;
  for (const auto& [name, value] : entries_) {
    if (text_of(name) != key) continue;
    if (found != nullptr) return fail(bad_request("key `{}` appears twice", path_of(key))), nullptr;
    found = &value;
  }
  return found;
}

bool is_absent(const Value& value) {
  // The extension by which msgpackr writes `undefined`: type 0 with one byte, 0.
  const auto& extension = value.via.ext;
  const bool undefined =
      value.type == msgpack::type::EXT && extension.size == 1 && extension.type() == 0 && *extension.data() == 0;
  return undefined || value.type == msgpack::type::NIL;
}

const Value* MapReader::require(std::string_view key) {
  const Value* value = find(key);
  if (value == nullptr && !missing_) missing_ = key;
  return value;
}

void MapReader::fail(Error error) {
  if (!error_) error_ = std::move(error);
  entries_ = {};
}

std::string MapReader::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

std::optional<Error> MapReader::first_error() const {
  if (error_) return error_;
  if (unknown_ == UnknownKeys::refuse)
    for (const auto& entry : entries_)
      if (std::find(known_.begin(), known_.end(), text_of(entry.key)) == known_.end())
        return unknown_key(text_of(entry.key));
  if (missing_) return bad_request("required key `{}` is missing", path_of(*missing_));
  return std::nullopt;
}

Error MapReader::unknown_key(std::string_view key) const {
  const std::string shown = path_of(printable(key));
  // A longer key is no misspelling, and the cost of the distance grows with its length.
  if (key.size() <= 32)
    if (const auto candidate = nearest(key, known_);
        edit_distance(key, candidate) <= std::min<std::size_t>(2, candidate.size() - 1))
      return bad_request("unknown key `{}`; did you mean `{}`?", shown, candidate);
  return bad_request("unknown key `{}`; known here: {}", shown, fmt::join(known_, ", "));
}

Result<std::int64_t> read_integer(const Value& value, const std::string& path, std::int64_t min, std::int64_t max) {
  constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  const bool fits = value.type == msgpack::type::POSITIVE_INTEGER ? value.via.u64 <= std::uint64_t{largest}
                                                                  : value.type == msgpack::type::NEGATIVE_INTEGER;
  if (fits && value.via.i64 >= min && value.via.i64 <= max) return value.via.i64;
  if (max == largest) return wrong_value(path, fmt::format("an integer from {} up", min), value);
  return wrong_value(path, fmt::format("an integer from {} to {}", min, max), value);
}

Result<bool> read_flag(const Value& value, const std::string& path) {
  if (value.type != msgpack::type::BOOLEAN) return wrong_value(path, "true or false", value);
  return value.via.boolean;
}

Result<std::string> read_text(const Value& value, const std::string& path) {
  if (value.type != msgpack::type::STR) return wrong_value(path, "a string", value);
  return std::string(text_of(value));
}

Result<std::string> read_id(const Value& value, const std::string& path) {
  if (value.type != msgpack::type::STR || !valid_id(text_of(value)))
    return wrong_value(path, "a string of 1 to 128 characters of A-Z a-z 0-9 _ . : -", value);
  return std::string(text_of(value));
}

Result<Bytes> read_bytes(const Value& value, const std::string& path) { return read_bytes_or(value, path, "bin"); }

Result<Bytes> read_bytes_or(const Value& value, const std::string& path, std::string_view wanted) {
  if (value.type == msgpack::type::ARRAY) {
    const std::span<const Value> elements(value.via.array.ptr, value.via.array.size);
    const auto is_number = [](const Value& each) { return each.type == msgpack::type::POSITIVE_INTEGER; };
    if (!elements.empty() && std::ranges::all_of(elements, is_number))
      return bad_request("`{}` must be bytes, not an array of numbers; send bin", path);
  }
  // bin and str share their layout in the union, but the standard does not guarantee it.
  if (value.type == msgpack::type::BIN)
    return Bytes(reinterpret_cast<const std::uint8_t*>(value.via.bin.ptr), value.via.bin.size);
  if (value.type == msgpack::type::STR)
    return Bytes(reinterpret_cast<const std::uint8_t*>(value.via.str.ptr), value.via.str.size);
  return wrong_value(path, wanted, value);
}

Result<ObjectName> read_object(const Value& value, const std::string& path) {
  MapReader map(value, path);
  ObjectName object;
  map.required("bucket", object.bucket, read_text);
  map.required("name", object.name, read_text);
  auto read = map.finish(std::move(object));
  if (!read) return read;
  if (!valid_bucket(read->bucket))
    return Error{ErrorCode::bad_request,
                 fmt::format("`{}.bucket` must have 1 to 64 characters of A-Z, a-z, 0-9, _ and -", path)};
  if (read->name.empty() || read->name.size() > object_name_bytes_max ||
      find_not_utf8(read->name) != std::string_view::npos)
    return Error{ErrorCode::bad_request,
                 fmt::format("`{}.name` must have 1 to {} bytes of UTF-8", path, object_name_bytes_max)};
  return read;
}

Result<Rect> read_rect(const Value& value, const std::string& path, int side_min) {
  if (value.type != msgpack::type::ARRAY || value.via.array.size != 4) return wrong_value(path, "[x, y, w, h]", value);
  int numbers[4];
  for (int i = 0; i < 4; ++i) {
    const auto number =
        read_integer(value.via.array.ptr[i], fmt::format("{}[{}]", path, i), i < 2 ? 0 : side_min, coordinate_max);
    if (!number) return number.error();
    numbers[i] = static_cast<int>(*number);
  }
  return Rect{numbers[0], numbers[1], numbers[2], numbers[3]};
}

}  // namespace inpaintd::wire
