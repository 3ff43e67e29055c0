// SPDX-License-Identifier: Apache-2.0
#include "models/files/onnx.h"

#include <doctest/doctest.h>

#include <string>

namespace inpaintd {
namespace {

/// A field of a protocol buffer with a length.
std::string field(int number, const std::string& contents) {
  std::string length;
  for (std::size_t rest = contents.size();; rest >>= 7) {
    length += static_cast<char>((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    if (rest <= 0x7f) break;
  }
  return static_cast<char>(number << 3 | 2) + length + contents;
}

std::string number(int id, int value) { return {static_cast<char>(id << 3), static_cast<char>(value)}; }

const std::string one_and_minus_two("\x00\x00\x80\x3f\x00\x00\x00\xc0", 8);

std::string tensor(const std::string& name, const std::string& data = one_and_minus_two, int type = 1,
                   const std::string& dims = number(1, 2) + number(1, 1)) {
  return field(5, dims + number(2, type) + field(8, name) + field(9, data));
}

std::string model(const std::string& graph) { return number(1, 8) + field(2, "exporter") + field(7, graph); }

Result<NamedTensors, std::string> read(const std::string& file) { return read_onnx(std::as_bytes(std::span(file))); }

}  // namespace

TEST_CASE("the constants of an ONNX file are read with their names, shapes and types") {
  const std::string halves("\x00\x3c\x00\xc0", 4), integers(8, '\1');
  const auto tensors = read(model(tensor("a.weight") + tensor("half", halves, 10) + tensor("indices", integers, 7)));
  REQUIRE_MESSAGE(tensors, tensors.error());
  CHECK(tensors->size() == 2);
  CHECK(tensors->at("a.weight").shape == std::vector<std::int64_t>{2, 1});
  CHECK(tensors->at("a.weight").values == std::vector<float>{1, -2});
  CHECK(tensors->at("half").values == std::vector<float>{1, -2});
}

TEST_CASE("packed dimensions and packed floats are read like the plain ones") {
  const std::string packed =
      field(5, field(1, std::string("\2\1", 2)) + number(2, 1) + field(4, one_and_minus_two) + field(8, "a"));
  const auto tensors = read(model(packed));
  REQUIRE_MESSAGE(tensors, tensors.error());
  CHECK(tensors->at("a").shape == std::vector<std::int64_t>{2, 1});
  CHECK(tensors->at("a").values == std::vector<float>{1, -2});
}

TEST_CASE("a constant that the exporter named by itself gets the name of the Add node that reads it") {
  const std::string add =
      field(1, field(1, "x") + field(1, "onnx::Add_7") + field(3, "/model/b8/conv1/Add") + field(4, "Add"));
  const std::string other = field(1, field(1, "x") + field(1, "bias") + field(3, "/model/Add") + field(4, "Add"));
  const auto tensors = read(model(add + other + tensor("onnx::Add_7") + tensor("bias")));
  REQUIRE_MESSAGE(tensors, tensors.error());
  CHECK(tensors->contains("model.b8.conv1.Add"));
  CHECK(tensors->contains("bias"));
  CHECK(tensors->size() == 2);
}

TEST_CASE("an ONNX file that is cut off at any byte is refused, or holds fewer tensors") {
  const std::string whole = model(tensor("a") + tensor("b"));
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(read(whole.substr(0, size)));
  CHECK(read(whole));
}

TEST_CASE("data of another size than the shape says is refused by the tensor's name") {
  const auto few = read(model(tensor("a", "1234")));
  REQUIRE_FALSE(few);
  CHECK(few.error().find("\"a\"") != std::string::npos);
  const auto negative =
      read(model(tensor("a", one_and_minus_two, 1, std::string("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11))));
  REQUIRE_FALSE(negative);
  CHECK(negative.error().find("\"a\"") != std::string::npos);
}

TEST_CASE("the start of a file tells an ONNX model from other files") {
  const auto starts = [](const std::string& start) { return is_onnx(std::as_bytes(std::span(start))); };
  CHECK(starts(model("")));
  CHECK_FALSE(starts("PK\3\4"));
  CHECK_FALSE(starts(""));
  CHECK_FALSE(starts("\x08"));
}

}  // namespace inpaintd
