// SPDX-License-Identifier: Apache-2.0
#include "models/lama/weights.h"

#include <doctest/doctest.h>
#include <torch/csrc/jit/api/module.h>

#include <cmath>
#include <functional>

#include "models/torch/script_export.h"
#include "models/torch/script_module.h"
#include "tests/models/files.h"
#include "tests/support/temporary_directory.h"

namespace inpaintd {
namespace {

const LamaWeights& tiny() {
  static const LamaWeights weights = random_lama_weights({4, 1, 8, 24}, 1);
  return weights;
}

void check_equal(const LamaWeights& loaded, const LamaWeights& expected, float tolerance = 0) {
  CHECK(loaded.shape == expected.shape);
  REQUIRE(loaded.tensors.size() == expected.tensors.size());
  for (const auto& [name, tensor] : expected.tensors) {
    CAPTURE(name);
    REQUIRE(loaded.tensors.contains(name));
    const Tensor& other = loaded.tensors.at(name);
    CHECK(other.shape == tensor.shape);
    REQUIRE(other.values.size() == tensor.values.size());
    float largest = 0;
    for (std::size_t i = 0; i < tensor.values.size(); ++i)
      largest = std::max(largest, std::abs(other.values[i] - tensor.values[i]) / (std::abs(tensor.values[i]) + 1e-3F));
    CHECK(largest <= tolerance);
  }
}

void check_loads_tiny(const std::string& path) {
  CAPTURE(path);
  const auto weights = load_lama_weights(path);
  REQUIRE_MESSAGE(weights, weights.error().message);
  check_equal(*weights, tiny());
}

}  // namespace

TEST_CASE("the embedded default loads without any configuration") {
  const auto weights = load_lama_weights("");
  REQUIRE(weights);
  CHECK(weights->model == "default");
  CHECK(weights->origin == "the embedded default");
  CHECK(weights->shape.blocks >= 1);
}

TEST_CASE("safetensors files load with any prefix, and the model has the name of its file") {
  const test::TemporaryDirectory folder;
  for (const char* prefix : {"", "model.", "generator.model.", "model.generator.model.", "model.model."}) {
    CAPTURE(prefix);
    folder.write("my-lama.safetensors", safetensors_bytes(prefixed(prefix, tiny().tensors)));
    const auto weights = load_lama_weights(folder / "my-lama.safetensors");
    REQUIRE(weights);
    check_equal(*weights, tiny());
    CHECK(weights->model == "my-lama");
    CHECK(weights->origin == folder / "my-lama.safetensors");
  }
}

TEST_CASE("safetensors files of half precision load as fp32 with their values unchanged") {
  const test::TemporaryDirectory folder;
  folder.write("half", safetensors_bytes(prefixed("model.", tiny().tensors), FloatType::f16));
  folder.write("bfloat", safetensors_bytes(prefixed("model.", tiny().tensors), FloatType::bf16));
  const auto half = load_lama_weights(folder / "half"), bfloat = load_lama_weights(folder / "bfloat");
  REQUIRE(half);
  REQUIRE(bfloat);
  check_equal(*half, tiny(), 0x1p-11F);
  check_equal(*bfloat, tiny(), 0x1p-8F);
}

TEST_CASE("state dicts of torch.save load, plain or inside a checkpoint") {
  const test::TemporaryDirectory folder;
  write_state_dict(folder / "plain.pth", prefixed("model.", tiny().tensors));
  write_state_dict(folder / "nested.ckpt", prefixed("generator.model.", tiny().tensors), /*nested=*/true);
  for (const char* name : {"plain.pth", "nested.ckpt"}) check_loads_tiny(folder / name);
}

TEST_CASE("TorchScript files load with any modules around the generator") {
  const test::TemporaryDirectory folder;
  folder.write("big.pt", *export_script(tiny()));
  torch::jit::Module wrapper("__torch__.Wrapper");
  wrapper.register_module("model", make_script_module(tiny()));  // model.generator.model.N
  wrapper.save(folder / "wrapped.pt");
  for (const char* name : {"big.pt", "wrapped.pt"}) check_loads_tiny(folder / name);
}

TEST_CASE("the number of blocks, channels and the split are read from the tensors") {
  const test::TemporaryDirectory folder;
  for (const LamaShape& shape : {LamaShape{4, 3, 8, 24}, {8, 1, 32, 32}, {4, 12, 4, 28}}) {
    folder.write("a", safetensors_bytes(random_lama_weights(shape, 2).tensors));
    const auto weights = load_lama_weights(folder / "a");
    REQUIRE(weights);
    CHECK(weights->shape == shape);
  }
}

TEST_CASE("tensors outside the generator are ignored") {
  const test::TemporaryDirectory folder;
  auto tensors = prefixed("generator.model.", tiny().tensors);
  tensors["generator.model.1.bn_l.num_batches_tracked"] = {{1}, {7}};
  tensors["discriminator.model0.0.weight"] = {{2}, {1, 2}};
  tensors["loss.vgg.25.weight"] = {{2}, {1, 2}};
  folder.write("a", safetensors_bytes(tensors));
  CHECK(load_lama_weights(folder / "a"));
}

TEST_CASE("an incomplete or inconsistent generator is refused, and the error names the tensor") {
  struct Case {
    std::function<void(NamedTensors&)> breakage;
    const char* message;
  };
  const test::TemporaryDirectory folder;
  for (
      const Case& c : {
          Case{[](auto& t) { t.erase("model.5.conv2.ffc.convg2g.fu.bn.running_mean"); },
               "tensor \"5.conv2.ffc.convg2g.fu.bn.running_mean\" is missing"},
          Case{[](auto& t) { t.erase("model.17.bias"); }, "tensor \"17.bias\" is missing"},
          Case{[](auto& t) { t.erase("model.5.conv1.ffc.convl2l.weight"); },
               "tensor \"5.conv1.ffc.convl2l.weight\" is missing"},
          Case{[](auto& t) { t.erase("model.1.ffc.convl2l.weight"); }, "the file holds no known network"},
          Case{[](auto& t) { t["copy.model.13.bias"] = t["model.13.bias"]; },
               "tensor \"13.bias\" occurs 2 times, as \"copy.model.13.bias\" and as \"model.13.bias\""},
          Case{[](auto& t) { t["model.7.bias"].shape = {2, 8}; }, "tensor \"7.bias\" has shape [2, 8] instead of [16]"},
          Case{[](auto& t) { t["model.4.ffc.convl2g.weight"] = t["model.4.ffc.convl2l.weight"]; },
               "inconsistent channel counts: 4 after the first layer, 8 local and 8 global in the blocks"},
          Case{[](auto& t) { t["model.1.ffc.convl2l.weight"].shape = {784}; },
               "tensor \"1.ffc.convl2l.weight\" has shape [784]"},
          Case{[](auto& t) { t["model.8.running_var"].values[3] = NAN; }, "tensor \"8.running_var\" holds NaN or Inf"},
          Case{[](auto& t) { t["model.7.weight"].values[0] = INFINITY; }, "tensor \"7.weight\" holds NaN or Inf"},
          Case{[](auto& t) { t["model.8.running_var"].values[3] = -0.5F; },
               "tensor \"8.running_var\" holds a negative variance"},
          Case{
              [](auto& t) { t["model.5.conv1.ffc.convg2g.lfu.conv_layer.weight"] = {{1}, {0}}; },
              "tensor \"model.5.conv1.ffc.convg2g.lfu.conv_layer.weight\" is unexpected: it belongs to an unsupported"},
      }) {
    CAPTURE(c.message);
    auto tensors = prefixed("model.", tiny().tensors);
    c.breakage(tensors);
    folder.write("broken", safetensors_bytes(tensors));
    const auto weights = load_lama_weights(folder / "broken");
    REQUIRE_FALSE(weights);
    CAPTURE(weights.error().message);
    CHECK(weights.error().message.starts_with("model file " + (folder / "broken") + ": " + c.message));
  }
}

TEST_CASE("a file that is not a model, or a truncated one, is refused with the reason") {
  const test::TemporaryDirectory folder;
  folder.write("text", "hello, this is not a model");
  folder.write("empty", "");
  folder.write("old.pth", "\x80\x02\x8a\x0al\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.");
  folder.write("zip", "PK\x03\x04 and then nothing of use");
  const std::string whole = safetensors_bytes(prefixed("model.", tiny().tensors));
  folder.write("cut.safetensors", whole.substr(0, whole.size() - 5));
  write_state_dict(folder / "whole.pth", prefixed("model.", tiny().tensors));
  const std::string archive = test::contents(folder / "whole.pth");
  folder.write("cut.pth", archive.substr(0, archive.size() / 2));
  struct Case {
    const char* file;
    const char* message;
  };
  for (const Case& c : {
           Case{"text", "the file is none of these: a TorchScript file"},
           Case{"empty", "the file is none of these: a TorchScript file"},
           Case{"old.pth", "the file was saved in the format of PyTorch before 1.6; convert it in Python"},
           Case{"zip", "the zip archive is damaged"},
           Case{"cut.safetensors", "lies outside of the file; the file may be cut off"},
           Case{"cut.pth", "the zip archive is damaged"},
           Case{"absent", "the file cannot be opened"},
           Case{"", "the path is a folder"},
       }) {
    CAPTURE(c.file);
    const auto weights = load_lama_weights(folder / c.file);
    REQUIRE_FALSE(weights);
    CAPTURE(weights.error().message);
    CHECK(weights.error().message.starts_with("model file " + (folder / c.file) + ": "));
    CHECK(weights.error().message.find(c.message) != std::string::npos);
  }
}

}  // namespace inpaintd
