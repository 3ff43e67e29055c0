// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/names.h"
#include "core/network_input.h"
#include "core/result.h"
#include "core/units.h"

/// The kinds of settings. Every value is read from text, so that the same words mean the same in a file, on a command
/// line and in an environment variable. Each kind has
///   parse(text, value)  sets `value`, or returns the fault of `text`, as the end of a sentence about the setting
///   print(value)        the value in TOML; parsing the value of that TOML text gives the value back
///   range()             the allowed values, for people
namespace inpaintd::kinds {

using Complaint = std::optional<std::string>;

/// Sets an integer of any type to a number within its range, or returns the complaint about the text.
template <class T>
Complaint assign(T& value, const Result<std::int64_t, std::string>& number) {
  if (!number) return number.error();
  value = static_cast<T>(*number);
  return std::nullopt;
}

/// A TOML basic string.
std::string toml_string(std::string_view text);

struct Flag {
  Complaint parse(const std::string& text, bool& value) const;
  [[nodiscard]] std::string print(bool value) const { return value ? "true" : "false"; }
  [[nodiscard]] std::string range() const { return "true or false"; }
};

struct Integer {
  std::int64_t min;
  std::int64_t max;

  template <class T>
  Complaint parse(const std::string& text, T& value) const {
    return assign(value, parse_checked(text));
  }
  template <class T>
  [[nodiscard]] std::string print(T value) const {
    return std::to_string(value);
  }
  [[nodiscard]] std::string range() const;

 private:
  [[nodiscard]] Result<std::int64_t, std::string> parse_checked(const std::string& text) const;
};

struct Real {
  double min;
  double max;
  Complaint parse(const std::string& text, double& value) const;
  [[nodiscard]] std::string print(double value) const;
  [[nodiscard]] std::string range() const;
};

struct Duration {
  std::chrono::milliseconds min;
  std::chrono::milliseconds max;
  Complaint parse(const std::string& text, std::chrono::milliseconds& value) const;
  [[nodiscard]] std::string print(std::chrono::milliseconds value) const { return toml_string(duration_text(value)); }
  [[nodiscard]] std::string range() const;
};

/// "64KiB", "8MiB", "1GiB", or a plain number of bytes.
struct ByteSize {
  std::int64_t min;
  std::int64_t max;

  template <class T>
  Complaint parse(const std::string& text, T& value) const {
    return assign(value, parse_checked(text));
  }
  template <class T>
  [[nodiscard]] std::string print(T value) const {
    return toml_string(print_bytes(static_cast<std::int64_t>(value)));
  }
  [[nodiscard]] std::string range() const;

 private:
  [[nodiscard]] Result<std::int64_t, std::string> parse_checked(const std::string& text) const;
  static std::string print_bytes(std::int64_t value);
};

/// One of the names of an enumeration.
template <class E>
struct Choice {
  Complaint parse(const std::string& text, E& value) const {
    const auto found = from_name<E>(text);
    if (!found) return "unknown; must be " + range();
    value = *found;
    return std::nullopt;
  }
  [[nodiscard]] std::string print(E value) const { return toml_string(name(value)); }
  [[nodiscard]] std::string range() const { return "one of " + names_of<E>(); }
};

/// Any text: a URL, a file.
struct Text {
  Complaint parse(const std::string& text, std::string& value) const;
  [[nodiscard]] std::string print(const std::string& value) const { return toml_string(value); }
  [[nodiscard]] std::string range() const { return {}; }
};

/// An address to listen on: a numeric "HOST:PORT" such as "127.0.0.1:9464" or "[::1]:9464"; or empty.
struct Address {
  Complaint parse(const std::string& text, std::string& value) const;
  [[nodiscard]] std::string print(const std::string& value) const { return toml_string(value); }
  [[nodiscard]] std::string range() const { return "an IP address and a port, such as 127.0.0.1:9464 or [::1]:9464"; }
};

/// One or more tokens of a NATS subject; `dots` allows more than one.
struct Token {
  bool dots = false;
  bool may_be_empty = false;
  Complaint parse(const std::string& text, std::string& value) const;
  [[nodiscard]] std::string print(const std::string& value) const { return toml_string(value); }
  [[nodiscard]] std::string range() const;
};

/// "auto", or a list of "cpu" and "cuda:N"; as text separated by commas.
struct Devices {
  Complaint parse(const std::string& text, std::vector<std::string>& value) const;
  [[nodiscard]] std::string print(const std::vector<std::string>& value) const;
  [[nodiscard]] std::string range() const {
    return R"(["auto"], or a list such as ["cuda"], ["cuda:0", "cuda:1"] or ["cpu"])";
  }
};

/// The sides of network inputs, ascending multiples of network_side_multiple; as text separated by commas.
struct Sides {
  int min = window_side_min;
  int max = 4096;
  std::size_t count_max = 16;
  Complaint parse(const std::string& text, std::vector<int>& value) const;
  [[nodiscard]] std::string print(const std::vector<int>& value) const;
  [[nodiscard]] std::string range() const;
};

}  // namespace inpaintd::kinds
