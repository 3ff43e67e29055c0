// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_model/convert.h"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

#include "models/files/tensor_file.h"
#include "models/migan/structure.h"
#include "tests/support/temporary_directory.h"

namespace inpaintd::tools {
namespace {

using test::TemporaryDirectory;

/// The model after it was written with `type` and loaded again.
template <class Weights>
Weights reloaded(const Weights& weights, FloatType type) {
  const TemporaryDirectory folder;
  const auto model = load_model(folder.write("model.safetensors", convert_model(weights, type, "a test").bytes));
  REQUIRE_MESSAGE(model, model.error().message);
  REQUIRE(std::holds_alternative<Weights>(*model));
  return std::get<Weights>(*model);
}

template <class Weights>
void check_survives(const Weights& weights) {
  const Weights exact = reloaded(weights, FloatType::f32), half = reloaded(weights, FloatType::f16);
  CHECK(exact.shape == weights.shape);
  CHECK(half.shape == weights.shape);
  REQUIRE(exact.tensors.size() == weights.tensors.size());
  REQUIRE(half.tensors.size() == weights.tensors.size());
  for (const auto& [name, tensor] : weights.tensors) {
    CAPTURE(name);
    CHECK(exact.tensors.at(name).shape == tensor.shape);
    CHECK(exact.tensors.at(name).values == tensor.values);
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
      const float value = tensor.values[i];
      const float bound = std::max(std::abs(value) * 0x1p-11F, 0x1p-25F);  // half of a unit in the last place
      REQUIRE(std::abs(half.tensors.at(name).values[i] - value) <= bound);
    }
  }
}

MiganWeights with_noise(int side, float noise) {
  MiganShape shape;
  for (int at = side; at >= 4; at /= 2) shape.channels.push_back(2);
  MiganWeights weights = random_migan_weights(shape, 1);
  for (const auto& [name, extents] : migan_noise(shape))
    for (float& value : weights.tensors.at(name).values) value = noise;
  return weights;
}

}  // namespace

TEST_CASE("a converted LaMa loads again, exactly from fp32 and within half a unit in the last place from fp16") {
  check_survives(random_lama_weights({4, 1, 8, 24}, 1));
}

TEST_CASE("a converted MI-GAN loads again, exactly from fp32 and within half a unit in the last place from fp16") {
  check_survives(random_migan_weights({{4, 8, 8}}, 1));
}

TEST_CASE("a number beyond the range of fp16 survives a conversion to fp16") {
  LamaWeights weights = random_lama_weights({4, 1, 8, 24}, 1);
  weights.tensors.at("1.bn_l.running_var").values[0] = 1e6F;
  CHECK(reloaded(weights, FloatType::f16).tensors.at("1.bn_l.running_var").values[0] == 1e6F);
}

TEST_CASE("MI-GAN's weak noise of 256 pixels and more is left out of an fp16 file, and kept in fp32") {
  const MiganWeights weights = with_noise(512, 1e-4F);
  const MiganWeights half = reloaded(weights, FloatType::f16), exact = reloaded(weights, FloatType::f32);
  for (const char* layer : {".conv1.noise", ".conv2.noise"}) {
    for (const char* large : {"synthesis.b512", "synthesis.b256"}) {
      CHECK_FALSE(half.tensors.contains(std::string(large) + layer));
      CHECK(exact.tensors.contains(std::string(large) + layer));
    }
    CHECK(half.tensors.contains(std::string("synthesis.b128") + layer));
  }
  CHECK(convert_model(weights, FloatType::f16, "").left_out.size() == 4);
}

TEST_CASE("noise that can be seen stays in an fp16 file, however large its level") {
  CHECK(convert_model(with_noise(256, 0.01F), FloatType::f16, "").left_out.empty());
}

TEST_CASE("the file's metadata tells the origin, the architecture and what was left out") {
  const TemporaryDirectory folder;
  const auto metadata = [&](const Model& model, const std::string& origin) {
    return read_metadata(folder.write("model", convert_model(model, FloatType::f16, origin).bytes));
  };
  const std::string origin = "a \"page\" of Zoë";
  CHECK(metadata(random_lama_weights({4, 1, 8, 24}, 1), origin) ==
        std::map<std::string, std::string>{{"architecture", "lama"}, {"format", "pt"}, {"origin", origin}});
  const std::string names = "synthesis.b256.conv1.noise, synthesis.b256.conv2.noise";
  CHECK(metadata(with_noise(256, 1e-4F), "") ==
        std::map<std::string, std::string>{{"architecture", "migan"}, {"format", "pt"}, {"left_out", names}});
}

TEST_CASE("a TorchScript module of another network is refused, with the way to use it") {
  const Model script = ScriptFile{"other.pt"};
  CHECK_THROWS_WITH_AS(
      convert_model(script, FloatType::f16, ""),
      "other.pt is a TorchScript module of another network than LaMa and MI-GAN, and its code cannot be "
      "stored as safetensors; use the file as it is: inpaintd --set model.file=FILE",
      std::runtime_error);
}

TEST_CASE("the description of a model names the network, its sizes and the holes that it fills well") {
  const std::string migan = model_text(random_migan_weights({{2, 2, 2, 2, 2, 2, 2, 2}}, 1), {{"origin", "a test"}});
  CHECK(migan.starts_with("MI-GAN 512, 8 levels of 2 to 2 channels, from random numbers\n"));
  CHECK(migan.find("multiples of 128") != std::string::npos);
  CHECK(migan.find("holes wider than 200 pixels are filled at a reduced size") != std::string::npos);
  CHECK(migan.ends_with("\norigin: a test\n"));
  const std::string lama = model_text(random_lama_weights({4, 1, 8, 24}, 1), {});
  CHECK(lama.find("multiples of 8, is run in windows of 256, 512, 768, 1024 pixels, and holes of every width") !=
        std::string::npos);
}

}  // namespace inpaintd::tools
