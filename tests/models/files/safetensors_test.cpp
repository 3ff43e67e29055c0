// SPDX-License-Identifier: Apache-2.0
#include "models/files/safetensors.h"

#include <doctest/doctest.h>

#include "tests/models/files.h"

namespace inpaintd {
namespace {

Result<NamedTensors, std::string> read(const std::string& bytes) {
  return read_safetensors(std::as_bytes(std::span(bytes)));
}

const std::string four_floats(16, '\0');

}  // namespace

TEST_CASE("a header may hold spaces, metadata and escapes; tensors of other types are left out") {
  const auto tensors = read(safetensors_bytes(
      "{ \"__metadata__\" : {\"a\\\"\\\\\\n\\u00e9\": \"b\"} ,\n\t\"x/y\": {\"shape\": [2, 2], \"dtype\": \"F32\","
      " \"data_offsets\": [0, 16]}, \"count\": {\"dtype\": \"I64\", \"shape\": [], \"data_offsets\": [0, 8]}}  ",
      four_floats));
  REQUIRE(tensors);
  REQUIRE(tensors->size() == 1);
  CHECK(tensors->at("x/y").shape == std::vector<std::int64_t>{2, 2});
  CHECK(tensors->at("x/y").values == std::vector<float>{0, 0, 0, 0});
  CHECK(read(safetensors_bytes("{}", ""))->empty());
}

TEST_CASE("a broken header is refused at the byte where it breaks") {
  struct Case {
    const char* header;
    const char* message;
  };
  for (
      const Case& c : {
          Case{"", "at byte 0: '{' is missing"},
          Case{"[]", "at byte 0: '{' is missing"},
          Case{"{", "at byte 1: '\"' is missing"},
          Case{"{}x", "at byte 2: something follows the JSON object"},
          Case{"{\"a", "a string does not end"},
          Case{"{\"a\x01\"", "a control character in a string"},
          Case{"{\"a\\q\"", "an unknown escape"},
          Case{"{\"a\":1}", "'{' is missing"},
          Case{"{\"a\":{\"dtype\":\"F32\"}}", "lacks its dtype or data_offsets"},
          Case{"{\"a\":{\"extra\":{\"b\":{}}}}", "unknown key \"extra\""},
          Case{R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", "a whole number is missing"},
          Case{R"({"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}})", "']' is missing"},
          Case{R"({"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}})", "whole number"},
          Case{R"({"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}})", "an array is too long"},
          Case{
              R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
              "tensor \"a\" is there twice"},
      }) {
    CAPTURE(c.header);
    const auto tensors = read(safetensors_bytes(c.header, four_floats));
    REQUIRE_FALSE(tensors);
    CAPTURE(tensors.error());
    CHECK(tensors.error().find(c.message) != std::string::npos);
  }
}

TEST_CASE("a tensor must lie inside the file and have as many bytes as its shape says") {
  struct Case {
    const char* shape;
    const char* offsets;
    bool good;
  };
  for (const Case& c : {
           Case{"[4]", "[0,16]", true},
           Case{"[1]", "[12,16]", true},
           Case{"[]", "[0,4]", true},
           Case{"[0]", "[16,16]", true},
           Case{"[4]", "[0,15]", false},
           Case{"[5]", "[0,20]", false},
           Case{"[1]", "[13,17]", false},
           Case{"[1]", "[4,0]", false},
           Case{"[3]", "[0,16]", false},
           Case{"[4294967296,4294967296]", "[0,0]", false},
           Case{"[9223372036854775808,2]", "[0,0]", false},
           Case{"[1]", "[18446744073709551612,18446744073709551615]", false},
       }) {
    CAPTURE(c.shape);
    CAPTURE(c.offsets);
    const std::string header =
        std::string("{\"a\":{\"dtype\":\"F32\",\"shape\":") + c.shape + ",\"data_offsets\":" + c.offsets + "}}";
    CHECK(static_cast<bool>(read(safetensors_bytes(header, four_floats))) == c.good);
  }
}

TEST_CASE("a header's length is held against the file's before anything is read") {
  CHECK(read("").error() == "it is too short to be a safetensors file");
  CHECK(read("1234567").error() == "it is too short to be a safetensors file");
  const std::string file = safetensors_bytes("{}", "");
  CHECK(read(file.substr(0, 9)).error() == "it claims a header longer than itself; the file may be cut off");
  CHECK(read(std::string(8, '\xff') + "{}").error() ==
        "it claims a header longer than itself; the file may be cut off");
}

}  // namespace inpaintd
