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

TEST_CASE("a header may have spaces, metadata and escapes, and tensors of other types are left out") {
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

TEST_CASE("the refusal of a broken header names the byte and the cause") {
  struct Case {
    const char* header;
    const char* message;
  };
  for (
      const Case& c : {
          Case{"", "at byte 0: '{' is missing"},
          Case{"[]", "at byte 0: '{' is missing"},
          Case{" {}", "at byte 0: '{' is missing"},
          Case{"\xEF\xBB\xBF{}", "at byte 0: '{' is missing"},
          Case{"{",
               "at byte 1: syntax error while parsing object key - unexpected end of input; expected string literal"},
          Case{"{}x", "at byte 3: syntax error while parsing value - invalid literal"},
          Case{"{\"a", "missing closing quote"},
          Case{"{\"a\x01\"", "control character U+0001 (SOH) must be escaped"},
          Case{"{\"a\\q\"", "forbidden character after backslash"},
          Case{"{\"a\xff\"", "ill-formed UTF-8 byte"},
          Case{"{\"a\":1}", "a number is in the wrong place"},
          Case{"{\"a\":null}", "null is not allowed"},
          Case{"{\"a\":[[", "an array is in the wrong place"},
          Case{"{\"__metadata__\":{\"a\":{", "an object is in the wrong place"},
          Case{"{\"__metadata__\":{\"a\":true", "true or false is not allowed"},
          Case{"{\"a\":{\"dtype\":\"F32\"}}", "tensor \"a\": dtype or data_offsets is missing"},
          Case{"{\"a\":{\"extra\":{\"b\":{}}}}", "tensor \"a\": unknown key \"extra\""},
          Case{R"({"a":{"dtype":"F32","dtype":"F32"}})", "tensor \"a\": key \"dtype\" appears twice"},
          Case{R"({"a":{"dtype":"F32","shape":"[1]"}})", "tensor \"a\": a string is in the wrong place"},
          Case{R"({"a":{"dtype":"F32","shape":[[1]]}})", "tensor \"a\": an array is in the wrong place"},
          Case{R"({"a":{"dtype":"F32","shape":[{}]}})", "tensor \"a\": an object is in the wrong place"},
          Case{R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", "tensor \"a\": a whole number from 0"},
          Case{R"({"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}})", "a whole number below 2^64 is wanted"},
          Case{R"({"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}})", "a whole number below"},
          Case{R"({"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}})", "an array is too long"},
          Case{R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}})", "an array is too long"},
          Case{
              R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
              "tensor \"a\" appears twice"},
      }) {
    CAPTURE(c.header);
    const auto tensors = read(safetensors_bytes(c.header, four_floats));
    REQUIRE_FALSE(tensors);
    CAPTURE(tensors.error());
    CHECK(tensors.error().find(c.message) != std::string::npos);
  }
}

TEST_CASE("a tensor must lie inside of the file and have as many bytes as its shape needs") {
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

TEST_CASE("a zero byte in a header is refused, because a JSON parser may take it for the end") {
  CHECK(read(safetensors_bytes(std::string("{}\0{}", 5), "")).error().find("a zero byte") != std::string::npos);
  CHECK(read(safetensors_bytes(std::string("{}\0", 3), "")).error().find("a zero byte") != std::string::npos);
}

TEST_CASE("a header of millions of brackets is refused at the first level that the format does not have") {
  const std::string brackets(5'000'000, '[');
  CHECK(read(safetensors_bytes("{\"a\":" + brackets, "")).error().find("at byte 6: ") != std::string::npos);
}

TEST_CASE("the error about a header with a long name is short") {
  const std::string name(100'000, 'n');
  CHECK(read(safetensors_bytes("{\"" + name + "\":{\"" + name + "\":1}}", "")).error().size() < 1000);
  CHECK(read(safetensors_bytes("{\"" + name, "")).error().size() < 1000);
}

TEST_CASE("the length of a header is compared with the length of the file before anything is read") {
  CHECK(read("").error() == "the file is too short for a safetensors file");
  CHECK(read("1234567").error() == "the file is too short for a safetensors file");
  const std::string file = safetensors_bytes("{}", "");
  CHECK(read(file.substr(0, 9)).error() == "the header is longer than the file; the file may be cut off");
  CHECK(read(std::string(8, '\xff') + "{}").error() == "the header is longer than the file; the file may be cut off");
}

}  // namespace inpaintd
