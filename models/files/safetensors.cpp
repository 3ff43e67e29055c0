// SPDX-License-Identifier: Apache-2.0
#include "models/files/safetensors.h"

#include <charconv>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "models/files/float_types.h"

namespace inpaintd {
namespace {

constexpr std::size_t length_bytes = 8;
constexpr std::size_t header_bytes_max = 100'000'000;  // the format's own limit
constexpr std::size_t dimensions_max = 8;

struct Entry {
  std::string dtype;
  std::vector<std::uint64_t> shape;
  std::vector<std::uint64_t> offsets;
};

/// Parses the JSON that safetensors headers are made of and nothing else: objects, strings, arrays of whole numbers.
/// Reads each byte once and never recurses. Throws std::runtime_error, which stays in this file.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : text_(text) {}

  std::map<std::string, Entry> parse() {
    std::map<std::string, Entry> entries;
    object([&](const std::string& name) {
      if (name == "__metadata__") return object([&](const std::string&) { string(); });
      if (!entries.emplace(name, entry()).second) fail("tensor \"" + name + "\" is there twice");
    });
    skip_spaces();
    if (at_ != text_.size()) fail("something follows the JSON object");
    return entries;
  }

 private:
  Entry entry() {
    Entry result;
    object([&](const std::string& key) {
      if (key == "dtype") return void(result.dtype = string());
      if (key == "shape") return void(result.shape = numbers(dimensions_max));
      if (key == "data_offsets") return void(result.offsets = numbers(2));
      fail("unknown key \"" + key + "\"");
    });
    if (result.dtype.empty() || result.offsets.size() != 2) fail("a tensor lacks its dtype or data_offsets");
    return result;
  }

  /// Calls `member` with each key; it must consume the value.
  template <class Member>
  void object(Member member) {
    expect('{');
    if (accept('}')) return;
    do {
      const std::string key = string();
      expect(':');
      member(key);
    } while (accept(','));
    expect('}');
  }

  std::vector<std::uint64_t> numbers(std::size_t count_max) {
    std::vector<std::uint64_t> values;
    expect('[');
    if (accept(']')) return values;
    do {
      if (values.size() == count_max) fail("an array is too long");
      values.push_back(number());
    } while (accept(','));
    expect(']');
    return values;
  }

  std::uint64_t number() {
    skip_spaces();
    std::uint64_t value = 0;
    const char* begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error != std::errc{}) fail("a whole number is missing");
    at_ += static_cast<std::size_t>(end - begin);
    return value;
  }

  std::string string() {
    expect('"');
    std::string value;
    for (;;) {
      const char c = next();
      if (c == '"') return value;
      if (static_cast<unsigned char>(c) < 0x20) fail("a control character in a string");
      value += c == '\\' ? escaped() : c;
    }
  }

  char escaped() {
    constexpr std::string_view codes = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    const char code = next();
    if (const auto at = codes.find(code); at != codes.npos) return meanings[at];
    if (code != 'u') fail("an unknown escape in a string");
    for (int i = 0; i < 4; ++i) next();
    return '?';  // tensor names are plain ASCII; what metadata says is of no interest
  }

  void skip_spaces() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }
  bool accept(char c) {
    skip_spaces();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(std::string("'") + c + "' is missing");
  }
  char next() {
    if (at_ == text_.size()) fail("a string does not end");
    return text_[at_++];
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error("its header is broken at byte " + std::to_string(at_) + ": " + what);
  }

  std::string_view text_;
  std::size_t at_ = 0;
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
    throw std::runtime_error("tensor \"" + name + "\" lies outside of the file; the file may be cut off");
  Tensor tensor;
  std::uint64_t count = 1;
  for (std::uint64_t extent : entry.shape) {
    // No product of extents may pass what the file can hold; so it cannot overflow either.
    if (extent > data.size() || (extent > 0 && count > data.size() / extent))
      count = data.size() + 1;
    else
      count *= extent;
    tensor.shape.push_back(static_cast<std::int64_t>(extent));
  }
  if (count > data.size() || count * bytes_of(type) != end - begin)
    throw std::runtime_error("tensor \"" + name + "\" has shape " + shape_text(tensor.shape) + " but " +
                             std::to_string(end - begin) + " bytes");
  tensor.values = read_floats(data.data() + begin, count, type);
  return tensor;
}

NamedTensors read_or_throw(std::span<const std::byte> file) {
  std::uint64_t header_bytes = 0;
  if (file.size() < length_bytes) throw std::runtime_error("it is too short to be a safetensors file");
  std::memcpy(&header_bytes, file.data(), length_bytes);
  if (header_bytes > header_bytes_max || header_bytes > file.size() - length_bytes)
    throw std::runtime_error("it claims a header longer than itself; the file may be cut off");
  const std::string_view header(reinterpret_cast<const char*>(file.data()) + length_bytes, header_bytes);
  const auto data = file.subspan(length_bytes + header_bytes);
  NamedTensors tensors;
  for (const auto& [name, entry] : HeaderParser(header).parse())
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

}  // namespace inpaintd
