// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/request.h"

/// What the fuzz targets share. A target is one file that defines `seeds` and `run`; fuzz.cpp connects them to
/// libFuzzer.
namespace inpaintd::fuzz {

/// The inputs from which libFuzzer starts.
std::vector<std::string> seeds();

/// Gives one input to the code under test, and checks with `require` what must hold for every input.
void run(Bytes input);

/// Ends the program with `promise` as its last words when `holds` is false: libFuzzer then keeps the input.
void require(bool holds, const char* promise);

/// Checks that an error message is short, and holds nothing that would break a log line or a NATS header.
void require_readable(const Error& error);

/// The path of a file in memory that holds `content`, for code that reads files only. The next call overwrites it.
std::string file_with(std::string_view content);

inline std::string_view text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace inpaintd::fuzz
