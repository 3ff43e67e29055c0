// SPDX-License-Identifier: Apache-2.0
#include "bus/wire/recognise.h"

#include <fmt/format.h>

#include <algorithm>
#include <msgpack.hpp>
#include <string_view>

namespace inpaintd::wire {
namespace {

constexpr std::string_view white_space = " \t\r\n";

std::string_view text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(white_space);
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(white_space) + 1 - first);
}

bool is_base64(std::string_view text) {
  const std::size_t end = text.find_last_not_of('=');
  if (end == std::string_view::npos || text.size() - end > 3) return false;
  return std::ranges::all_of(text.substr(0, end + 1), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
           c == '-' || c == '_' || c == '\r' || c == '\n';
  });
}

/// Looks for an array that is too long and begins with a number, and remembers its place.
class NumbersFinder : public msgpack::null_visitor {
 public:
  explicit NumbersFinder(std::size_t elements_max) : elements_max_(elements_max) {}
  std::string path;

  bool start_map(std::uint32_t) { return ++depth_ <= 2; }
  bool end_map() { return --depth_ >= 0; }
  bool start_map_key() { return in_key_ = true; }
  bool end_map_key() {
    in_key_ = false;
    return true;
  }
  bool start_array(std::uint32_t size) {
    long_array_ = size > elements_max_;
    return true;
  }
  bool visit_str(const char* data, std::uint32_t size) {
    if (in_key_ && depth_ > 0) keys_[depth_ - 1] = std::string_view(data, size);
    return !long_array_;
  }
  bool visit_positive_integer(std::uint64_t) {
    if (long_array_ && depth_ == 1) path = keys_[0];
    if (long_array_ && depth_ == 2) path = fmt::format("{}.{}", keys_[0], keys_[1]);
    return !long_array_;  // the first element tells enough
  }

 private:
  const std::size_t elements_max_;
  int depth_ = 0;
  bool in_key_ = false, long_array_ = false;
  std::string_view keys_[2];
};

}  // namespace

std::optional<std::string> recognise_message(Bytes message) {
  const std::string_view text = trimmed(text_of(message));
  if (text.size() < 2) return std::nullopt;
  const char first = text.front(), last = text.back();
  if ((first == '{' && last == '}') || (first == '[' && last == ']'))
    return "the message is JSON; send a msgpack map, with the files in it as bin";
  constexpr std::size_t base64_min = 16;  // shorter words may be anything
  if (text.size() >= base64_min && is_base64(text))
    return "the message is base64 text; send the bytes of a msgpack map";
  return std::nullopt;
}

std::optional<std::string> recognise_numbers(Bytes message, std::size_t array_elements_max) {
  NumbersFinder finder(array_elements_max);
  try {
    std::size_t offset = 0;
    msgpack::parse(reinterpret_cast<const char*>(message.data()), message.size(), offset, finder);
  } catch (const std::exception&) {
    return std::nullopt;  // the message is broken, which has an error of its own
  }
  constexpr std::string_view with_bytes[] = {"image", "mask", "image.data", "mask.data", "mask.bits"};
  if (std::ranges::find(with_bytes, finder.path) == std::end(with_bytes)) return std::nullopt;
  return fmt::format("`{}` must be bytes, not an array of numbers; send bin", finder.path);
}

std::optional<std::string> recognise_file(Bytes file) {
  const std::string_view text = trimmed(text_of(file));
  if (text.starts_with("data:")) return "a data URL";
  // How the first bytes of a JPEG, PNG and WebP file look in base64.
  for (const std::string_view head : {"/9j/", "iVBORw0KGgo", "UklGR"})
    if (text.starts_with(head)) return "base64 text";
  return std::nullopt;
}

std::optional<std::string> recognise_samples(Bytes samples, std::int64_t wanted) {
  const std::string_view text = trimmed(text_of(samples));
  const auto size = static_cast<std::int64_t>(text.size());
  const std::int64_t padded = (wanted + 2) / 3 * 4, unpadded = (wanted * 4 + 2) / 3;
  if ((size == padded || size == unpadded) && size != wanted && is_base64(text)) return "base64 text";
  return std::nullopt;
}

}  // namespace inpaintd::wire
