// SPDX-License-Identifier: Apache-2.0
#include <span>

#include "models/files/onnx.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/tensors.h"

/// ONNX files: read_onnx.
namespace inpaintd::fuzz {
namespace {

/// A field of a protocol buffer with a length below 128.
std::string field(int number, const std::string& contents) {
  return static_cast<char>(number << 3 | 2) + (static_cast<char>(contents.size()) + contents);
}

std::string number(int id, int value) { return {static_cast<char>(id << 3), static_cast<char>(value)}; }

std::string tensor(const std::string& name, int type, const std::string& data) {
  return field(5, number(1, 2) + number(1, 1) + number(2, type) + field(8, name) + field(9, data));
}

std::string model(const std::string& graph) { return number(1, 8) + field(7, graph); }

}  // namespace

std::vector<std::string> seeds() {
  const std::string add =
      field(1, field(1, "x") + field(1, "onnx::Add_7") + field(3, "/model/b8/conv1/Add") + field(4, "Add"));
  return {
      model(""),
      model(tensor("a", 1, std::string(8, '\x3f'))),
      model(tensor("a", 10, std::string(4, '\x3f')) + tensor("b", 16, std::string(4, '\x3f'))),
      model(add + tensor("onnx::Add_7", 1, std::string(8, '\x3f'))),
      model(field(5, field(1, "\2\1") + number(2, 1) + field(4, std::string(8, '\x3f')) + field(8, "a"))),
  };
}

void run(Bytes input) {
  const auto tensors = read_onnx(std::as_bytes(input));
  if (!tensors) return require(!tensors.error().empty(), "a refused file is refused in words");
  check_tensors(*tensors);
}

}  // namespace inpaintd::fuzz
