// SPDX-License-Identifier: Apache-2.0
#include "config/kinds.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

#include "core/network_input.h"
#include "core/units.h"

namespace inpaintd::kinds {
namespace {

constexpr std::array byte_units{Unit{"GiB", 1 << 30}, Unit{"MiB", 1 << 20}, Unit{"KiB", 1 << 10}, Unit{"", 1}};

std::string between(const std::string& min, const std::string& max) { return min + " to " + max; }

std::string out_of_range(const std::string& range) { return "out of range; allowed: " + range; }

bool valid_token(std::string_view text, bool dots) {
  if (text.empty() || text.front() == '.' || text.back() == '.') return false;
  if (text.find("..") != std::string_view::npos) return false;
  return std::ranges::all_of(text, [dots](char c) {
    const bool letter_or_digit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter_or_digit || c == '_' || c == '-' || (dots && c == '.');
  });
}

bool valid_device(const std::string& device) {
  return device == "cpu" || device == "cuda" ||
         (device.starts_with("cuda:") && parse_number<std::uint8_t>(device.substr(5)));
}

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> parts(1);
  for (char c : text) {
    if (c == ',')
      parts.emplace_back();
    else if (c != ' ')
      parts.back() += c;
  }
  return parts;
}

}  // namespace

std::string toml_string(std::string_view text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      result.append({'\\', c});
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      std::array<char, 7> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04X", static_cast<unsigned>(c));
      result += escape.data();
    } else {
      result += c;
    }
  }
  return result + '"';
}

Complaint Flag::parse(const std::string& text, bool& value) const {
  if (text != "true" && text != "false") return "must be true or false";
  value = text == "true";
  return std::nullopt;
}

Result<std::int64_t, std::string> Integer::parse_checked(const std::string& text) const {
  const auto number = parse_number<std::int64_t>(text);
  if (!number) return "not a whole number; allowed: " + range();
  if (*number < min || *number > max) return out_of_range(range());
  return *number;
}

std::string Integer::range() const { return between(std::to_string(min), std::to_string(max)); }

Complaint Real::parse(const std::string& text, double& value) const {
  const auto number = parse_number<double>(text);
  if (!number) return "not a number; allowed: " + range();
  if (!(*number >= min && *number <= max)) return out_of_range(range());
  value = *number;
  return std::nullopt;
}

std::string Real::print(double value) const {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  const std::string text(buffer.data(), end);
  return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;  // else TOML reads an integer
}

std::string Real::range() const { return between(print(min), print(max)); }

Complaint Duration::parse(const std::string& text, std::chrono::milliseconds& value) const {
  const auto duration = parse_duration(text);
  if (!duration) return R"(not a duration; write a whole number and a unit, such as "5ms", "30s", "2min", "1h")";
  if (*duration < min || *duration > max) return out_of_range(range());
  value = *duration;
  return std::nullopt;
}

std::string Duration::range() const { return between(duration_text(min), duration_text(max)); }

Result<std::int64_t, std::string> ByteSize::parse_checked(const std::string& text) const {
  const auto bytes = parse_with_unit(text, byte_units);
  if (!bytes) return std::string(R"(not a size; write a number of bytes, or such as "64KiB", "8MiB", "1GiB")");
  if (*bytes < min || *bytes > max) return out_of_range(range());
  return *bytes;
}

std::string ByteSize::print_bytes(std::int64_t value) { return text_with_unit(value, byte_units); }

std::string ByteSize::range() const { return between(print_bytes(min), print_bytes(max)); }

Complaint Text::parse(const std::string& text, std::string& value) const {
  value = text;
  return std::nullopt;
}

Complaint Address::parse(const std::string& text, std::string& value) const {
  const std::size_t colon = text.rfind(':');
  const auto valid = [&] {
    if (colon == std::string::npos) return false;
    std::string host = text.substr(0, colon);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    in6_addr ignored{};
    if (inet_pton(bracketed ? AF_INET6 : AF_INET, host.c_str(), &ignored) != 1) return false;
    return parse_number<std::uint16_t>(std::string_view(text).substr(colon + 1)).has_value();
  };
  if (!text.empty() && !valid()) return "must be " + range();
  value = text;
  return std::nullopt;
}

Complaint Token::parse(const std::string& text, std::string& value) const {
  if (!(text.empty() && may_be_empty) && !valid_token(text, dots)) return "must be made of " + range();
  value = text;
  return std::nullopt;
}

std::string Token::range() const {
  return dots ? "letters, digits, _ and -, in parts separated by dots" : "letters, digits, _ and -";
}

Complaint Devices::parse(const std::string& text, std::vector<std::string>& value) const {
  std::vector<std::string> devices = split_at_commas(text);
  for (auto device = devices.begin(); device != devices.end(); ++device) {
    if (*device == "auto" && devices.size() > 1) return "\"auto\" must stand alone";
    if (*device != "auto" && !valid_device(*device))
      return "unknown device " + toml_string(*device) + "; must be " + range();
    if (std::find(devices.begin(), device, *device) != device) return toml_string(*device) + " is listed twice";
    if (device->starts_with("cuda:") && std::find(devices.begin(), devices.end(), "cuda") != devices.end())
      return toml_string(*device) + " is one of \"cuda\", which means every GPU";
  }
  value = std::move(devices);
  return std::nullopt;
}

std::string Devices::print(const std::vector<std::string>& value) const {
  std::string list;
  for (const std::string& device : value) list.append(list.empty() ? "" : ", ").append(toml_string(device));
  return "[" + list + "]";
}

Complaint Sides::parse(const std::string& text, std::vector<int>& value) const {
  std::vector<int> sides;
  for (const std::string& each : text.empty() ? std::vector<std::string>{} : split_at_commas(text)) {
    const auto side = parse_number<int>(each);
    if (!side || *side < min || *side > max || *side % network_side_multiple != 0)
      return fmt::format("the side {} is not allowed; must be {}", toml_string(each), range());
    if (!sides.empty() && *side <= sides.back())
      return fmt::format("the side {} is not larger than the one before it; must be {}", *side, range());
    sides.push_back(*side);
  }
  if (sides.size() > count_max) return fmt::format("{} sides are too many; must be {}", sides.size(), range());
  value = std::move(sides);
  return std::nullopt;
}

std::string Sides::print(const std::vector<int>& value) const { return fmt::format("[{}]", fmt::join(value, ", ")); }

std::string Sides::range() const {
  return fmt::format("0 to {} multiples of {} from {} to {}, in ascending order", count_max, network_side_multiple, min,
                     max);
}

}  // namespace inpaintd::kinds
