// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace inpaintd::fuzz {
namespace {

constexpr std::size_t message_bytes_max = 1000;

void write_seeds(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  int number = 0;
  for (const std::string& seed : seeds())
    std::ofstream(folder / ("seed-" + std::to_string(number++)), std::ios::binary) << seed;
}

}  // namespace

void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "This promise does not hold: %s\n", promise);
  std::abort();
}

void require_readable(const Error& error) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; };
  require(!error.message.empty() && error.message.size() <= message_bytes_max, "an error message is short");
  require(std::none_of(error.message.begin(), error.message.end(), is_control), "an error message is one line");
}

std::string file_with(std::string_view content) {
  static const int file = memfd_create("fuzz", 0);
  require(file >= 0 && ftruncate(file, 0) == 0 &&
              pwrite(file, content.data(), content.size(), 0) == static_cast<ssize_t>(content.size()),
          "a file in memory can be written");
  return "/proc/self/fd/" + std::to_string(file);
}

}  // namespace inpaintd::fuzz

/// With `--seeds FOLDER` as its first arguments a target writes its seeds into that folder, and ends.
extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
  if (*count < 3 || std::string_view((*arguments)[1]) != "--seeds") return 0;
  inpaintd::fuzz::write_seeds((*arguments)[2]);
  std::exit(0);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  inpaintd::fuzz::run({data, size});
  return 0;
}
