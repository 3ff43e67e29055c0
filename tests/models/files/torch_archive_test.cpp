// SPDX-License-Identifier: Apache-2.0
#include "models/files/torch_archive.h"

#include <caffe2/serialize/inline_container.h>
#include <doctest/doctest.h>

#include "tests/models/files.h"
#include "tests/support/temporary_directory.h"

namespace inpaintd {
namespace {

/// Reads every tensor of an archive with this pickle, and one storage of eight floats.
Result<NamedTensors, std::string> read(const std::string& pickle) {
  const test::TemporaryDirectory folder;
  const std::vector<float> storage{0, 1, 2, 3, 4, 5, 6, 7};
  {
    caffe2::serialize::PyTorchStreamWriter writer(folder / "a.pth");
    writer.writeRecord("data.pkl", pickle.data(), pickle.size());
    writer.writeRecord("data/0", storage.data(), storage.size() * sizeof(float));
    writer.writeEndOfFile();
  }
  return read_torch_archive(folder / "a.pth", [](const std::string&) { return true; });
}

std::string text(const std::string& value) {
  return "X" + std::string{static_cast<char>(value.size()), 0, 0, 0} + value;
}

/// A view of that storage; `shape` and `strides` are pickled tuples.
std::string tensor(char offset, const std::string& shape, const std::string& strides) {
  return "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + "ctorch\nFloatStorage\n" + text("0") +
         text("cpu") + "K\x08tQK" + offset + shape + strides + "tR";
}

const std::string all = tensor(0, "(K\x08t", "(K\x01t");

}  // namespace

// Found by fuzzing: such an object was visited a million times.
TEST_CASE("an object that contains itself twice is read once") {
  const auto tensors = read("}q\x05(" + text("model") + "h\x05" + text("again") + "h\x05" + text("1.w") + all + "u.");
  REQUIRE_MESSAGE(tensors, tensors.error());
  REQUIRE(tensors->size() == 1);
  CHECK(tensors->at("1.w").values == std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("objects that contain one tensor exponentially often are refused before they fill the memory") {
  const auto chain = [](const std::string& inner) {
    std::string pickle = "}q" + std::string(1, '\0') + "(" + text("w") + inner + "u";
    for (char i = 1; i <= 40; ++i) {
      const std::string last = std::string("h") + static_cast<char>(i - 1);
      pickle += std::string("}q") + i + "(" + text("a") + last + text("b") + last + "u";
    }
    return pickle + ".";
  };
  CHECK(read(chain(all)).error() == "the tensors have too many values for the size of the file");
  CHECK(read(chain("N")).error() == "the file has more than 100000 nested objects");
}

TEST_CASE("tensors with a name of more than 512 bytes are left out") {
  const std::string key = text(std::string(120, 'a'));
  std::string pickle;
  for (int i = 0; i < 6; ++i) pickle += "}" + key;
  const auto tensors = read(pickle + "}" + text("w") + all + "ssssss" + "s.");
  REQUIRE_MESSAGE(tensors, tensors.error());
  CHECK(tensors->empty());
}

// Found by fuzzing: it was read as a tensor without a shape and without a value.
TEST_CASE("a scalar outside of its storage is refused") {
  CHECK(read("}" + text("w") + tensor(8, ")", ")") + "s.").error() == "tensor \"w\" lies outside of its storage");
  CHECK(read("}" + text("w") + tensor(0, ")", "(K\x01t") + "s.").error() == "tensor \"w\" lies outside of its storage");
  CHECK(read("}" + text("w") + tensor(7, ")", ")") + "s.")->at("w").values == std::vector<float>{7});
}

}  // namespace inpaintd
