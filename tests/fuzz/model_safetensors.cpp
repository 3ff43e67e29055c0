// SPDX-License-Identifier: Apache-2.0
#include <span>

#include "models/files/safetensors.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/tensors.h"

/// Safetensors files: read_safetensors.
namespace inpaintd::fuzz {
namespace {

std::string file(const std::string& header, const std::string& data) {
  std::string length;
  for (std::size_t rest = header.size(); length.size() < 8; rest >>= 8) length += static_cast<char>(rest & 255);
  return length + header + data;
}

}  // namespace

std::vector<std::string> seeds() {
  const std::string data(16, '\x3f');
  return {
      file("{}", ""),
      file(R"({"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}})", data),
      file(R"({"a":{"dtype":"F16","shape":[8],"data_offsets":[0,16]},"b":{"dtype":"BF16","shape":[],)"
           R"("data_offsets":[2,4]},"c":{"dtype":"F64","shape":[0,3],"data_offsets":[16,16]}})",
           data),
      file("{ \"__metadata__\" : {\"a\\\"\\\\\\n\\u00e9\": \"b\"} ,\n\t\"x/y\": {\"shape\": [2, 2], \"dtype\": \"F32\","
           " \"data_offsets\": [0, 16]}, \"count\": {\"dtype\": \"I64\", \"shape\": [], \"data_offsets\": [0, 8]}}  ",
           data),
      file(R"({"a":{"dtype":"F32","shape":[9223372036854775808,2],"data_offsets":[0,0]}})", ""),
      file(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", data),
  };
}

void run(Bytes input) {
  const auto tensors = read_safetensors(std::as_bytes(input));
  if (!tensors) return require(!tensors.error().empty(), "a refused file is refused in words");
  check_tensors(*tensors);
}

}  // namespace inpaintd::fuzz
