// SPDX-License-Identifier: Apache-2.0
#include "models/files/safetensors.h"

#include <fmt/format.h>

#include <cstring>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "models/files/float_types.h"

namespace inpaintd {
namespace {

constexpr std::size_t length_bytes = 8;
constexpr std::size_t header_bytes_max = 100'000'000;  // the format's own limit
constexpr std::size_t dimensions_max = 8;
constexpr std::size_t offsets_count = 2;  // begin and end

/// The description of one tensor in the header.
struct Entry {
  std::string dtype;
  std::vector<std::uint64_t> shape;
  std::vector<std::uint64_t> offsets;
};

struct Header {
  std::map<std::string, Entry> entries;
  std::map<std::string, std::string> metadata;
};

/// An iterator over the header that counts the bytes that were read, for error texts.
struct Cursor {
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  const char* at;
  std::size_t* bytes_read;

  reference operator*() const { return *at; }
  Cursor& operator++() {
    ++at;
    ++*bytes_read;
    return *this;
  }
  friend bool operator==(const Cursor& a, const Cursor& b) { return a.at == b.at; }
};

/// Receives the parts of a header from the JSON parser, which neither recurses nor stores them, and refuses everything
/// that the format does not have: other keys, other types, deeper nesting. Throws std::runtime_error, which
/// read_safetensors catches.
class HeaderReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  /// Parses a whole header.
  static Header read(std::string_view text) {
    HeaderReader reader;
    if (!text.starts_with('{')) reader.fail("'{' is missing");
    if (text.find('\0') != text.npos) reader.fail("a zero byte");  // at which the parser would stop
    const char* end = text.data() + text.size();
    nlohmann::json_sax<nlohmann::json>* events = &reader;
    nlohmann::json::sax_parse(Cursor{text.data(), &reader.bytes_read_}, Cursor{end, nullptr}, events);
    return {std::move(reader.entries_), std::move(reader.metadata_)};
  }

 private:
  enum class Inside : std::uint8_t { nothing, header, metadata, tensor, array };

  bool start_object(std::size_t) override {
    if (inside_ == Inside::nothing)
      inside_ = Inside::header;
    else if (inside_ == Inside::header)
      inside_ = name_ == "__metadata__" ? Inside::metadata : Inside::tensor;
    else
      fail("an object is in the wrong place");
    return true;
  }

  bool key(std::string& key) override {
    key_ = key;
    if (inside_ == Inside::header) {
      name_ = key;
      if (key != "__metadata__" && !entries_.try_emplace(key).second)
        fail(fmt::format("tensor \"{}\" appears twice", shown(key)));
    } else if (inside_ == Inside::tensor) {
      if (key != "dtype" && key != "shape" && key != "data_offsets")
        fail(fmt::format("unknown key \"{}\"", shown(key)));
      if (!keys_.insert(key).second) fail(fmt::format("key \"{}\" appears twice", key));
    }
    return true;
  }

  bool string(std::string& text) override {
    if (inside_ == Inside::metadata) {
      metadata_[key_] = text;
      return true;
    }
    if (inside_ != Inside::tensor || key_ != "dtype") fail("a string is in the wrong place");
    entry().dtype = text;
    return true;
  }

  bool start_array(std::size_t) override {
    if (inside_ != Inside::tensor || key_ == "dtype") fail("an array is in the wrong place");
    inside_ = Inside::array;
    return true;
  }

  bool number_unsigned(std::uint64_t number) override {
    if (inside_ != Inside::array) fail("a number is in the wrong place");
    auto& numbers = key_ == "shape" ? entry().shape : entry().offsets;
    if (numbers.size() == (key_ == "shape" ? dimensions_max : offsets_count)) fail("an array is too long");
    numbers.push_back(number);
    return true;
  }

  bool end_array() override {
    inside_ = Inside::tensor;
    return true;
  }

  bool end_object() override {
    if (inside_ == Inside::tensor && (entry().dtype.empty() || entry().offsets.size() != offsets_count))
      fail("dtype or data_offsets is missing");
    keys_.clear();
    inside_ = inside_ == Inside::header ? Inside::nothing : Inside::header;
    return true;
  }

  bool null() override { fail("null is not allowed"); }
  bool boolean(bool) override { fail("true or false is not allowed"); }
  bool number_integer(std::int64_t) override { fail("a whole number from 0 is wanted"); }
  bool number_float(double, const std::string&) override { fail("a whole number below 2^64 is wanted"); }
  bool binary(nlohmann::json::binary_t&) override { fail("binary data is not allowed"); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception& error) override {
    const std::string_view text(error.what());  // "[json.exception...] parse error at line 1, column 2: ..."
    const std::size_t cause = text.find(": ");
    fail(shown(cause == text.npos ? text : text.substr(cause + 2)));
  }

  Entry& entry() { return entries_[name_]; }
  /// `text` cut to a length that fits into an error text: a file may hold names of megabytes.
  static std::string_view shown(std::string_view text) { return text.substr(0, 200); }
  [[noreturn]] void fail(std::string_view what) const {
    const bool in_tensor = inside_ == Inside::tensor || inside_ == Inside::array;
    throw std::runtime_error(fmt::format("the header is broken at byte {}: {}{}", bytes_read_,
                                         in_tensor ? fmt::format("tensor \"{}\": ", shown(name_)) : "", what));
  }

  std::map<std::string, Entry> entries_;
  std::map<std::string, std::string> metadata_;
  std::size_t bytes_read_ = 0;
  Inside inside_ = Inside::nothing;
  std::string name_;            ///< of the current tensor, or "__metadata__"
  std::string key_;             ///< the last key
  std::set<std::string> keys_;  ///< of the current tensor
};

std::optional<FloatType> float_type(std::string_view dtype) {
  if (dtype == "F64") return FloatType::f64;
  if (dtype == "F32") return FloatType::f32;
  if (dtype == "F16") return FloatType::f16;
  if (dtype == "BF16") return FloatType::bf16;
  return std::nullopt;
}

Tensor read_tensor(const std::string& name, const Entry& entry, FloatType type, std::span<const std::byte> data) {
  const std::uint64_t begin = entry.offsets[0], end = entry.offsets[1];
  if (begin > end || end > data.size())
    throw std::runtime_error(fmt::format("tensor \"{}\" lies outside of the file; the file may be cut off", name));
  Tensor tensor;
  std::uint64_t count = 1;
  for (std::uint64_t extent : entry.shape) {
    // A product of extents above the size of the file is refused, so that it cannot overflow.
    if (extent > data.size() || (extent > 0 && count > data.size() / extent))
      count = data.size() + 1;
    else
      count *= extent;
    tensor.shape.push_back(static_cast<std::int64_t>(extent));
  }
  if (count > data.size() || count * bytes_of(type) != end - begin)
    throw std::runtime_error(
        fmt::format("tensor \"{}\" has shape {} but {} bytes", name, shape_text(tensor.shape), end - begin));
  tensor.values = read_floats(data.data() + begin, count, type);
  return tensor;
}

struct Parts {
  Header header;
  std::span<const std::byte> data;
};

Parts split(std::span<const std::byte> file) {
  std::uint64_t header_bytes = 0;
  if (file.size() < length_bytes) throw std::runtime_error("the file is too short for a safetensors file");
  std::memcpy(&header_bytes, file.data(), length_bytes);
  if (header_bytes > file.size() - length_bytes)
    throw std::runtime_error("the header is longer than the file; the file may be cut off");
  if (header_bytes > header_bytes_max)
    throw std::runtime_error(fmt::format("the header is longer than {} bytes", header_bytes_max));
  const std::string_view header(reinterpret_cast<const char*>(file.data()) + length_bytes, header_bytes);
  return {HeaderReader::read(header), file.subspan(length_bytes + header_bytes)};
}

NamedTensors read_or_throw(std::span<const std::byte> file) {
  const auto [header, data] = split(file);
  NamedTensors tensors;
  for (const auto& [name, entry] : header.entries)
    if (const auto type = float_type(entry.dtype)) tensors[name] = read_tensor(name, entry, *type, data);
  return tensors;
}

}  // namespace

Result<NamedTensors, std::string> read_safetensors(std::span<const std::byte> file) {
  try {
    return read_or_throw(file);
  } catch (const std::exception& error) {
    return std::string(error.what());
  }
}

Result<std::map<std::string, std::string>, std::string> read_safetensors_metadata(std::span<const std::byte> file) {
  try {
    return split(file).header.metadata;
  } catch (const std::exception& error) {
    return std::string(error.what());
  }
}

}  // namespace inpaintd
