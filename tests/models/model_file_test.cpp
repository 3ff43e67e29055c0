// SPDX-License-Identifier: Apache-2.0
#include "models/model_file.h"

#include <doctest/doctest.h>
#include <torch/csrc/jit/api/module.h>

#include "tests/models/files.h"
#include "tests/support/temporary_directory.h"

namespace inpaintd {
namespace {

/// Writes a TorchScript module that answers with the picture.
void write_module(const std::string& path) {
  torch::jit::Module module("Identity");
  module.define("def forward(self, image, mask):\n  return image\n");
  module.save(path);
}

}  // namespace

TEST_CASE("a model file's network is recognised by its tensors, whatever the file is called") {
  const test::TemporaryDirectory folder;
  folder.write("lama.bin", safetensors_bytes(prefixed("model.", random_lama_weights({4, 1, 8, 24}, 1).tensors)));
  folder.write("migan.bin", safetensors_bytes(prefixed("model.", random_migan_weights({{4, 8, 8, 8, 8}}, 1).tensors)));
  write_state_dict(folder / "migan.pth", random_migan_weights({{4, 8, 8, 8, 8}}, 1).tensors);
  write_module(folder / "other.pt");

  const auto lama = load_model(folder / "lama.bin");
  REQUIRE_MESSAGE(lama, lama.error().message);
  CHECK(std::holds_alternative<LamaWeights>(*lama));
  CHECK(traits_of(*lama) == NetworkTraits{});
  CHECK(std::get<LamaWeights>(*lama).model == "lama");

  for (const char* file : {"migan.bin", "migan.pth"}) {
    const auto migan = load_model(folder / file);
    REQUIRE_MESSAGE(migan, migan.error().message);
    REQUIRE(std::holds_alternative<MiganWeights>(*migan));
    CHECK(std::get<MiganWeights>(*migan).model == "migan");
    CHECK(traits_of(*migan).side_multiple == 16);
    CHECK(describe_model(*migan).starts_with("MI-GAN 64, 5 levels of 4 to 8 channels, from "));
  }

  const auto other = load_model(folder / "other.pt");
  REQUIRE_MESSAGE(other, other.error().message);
  CHECK(std::holds_alternative<ScriptFile>(*other));
  CHECK(traits_of(*other) == NetworkTraits{});
  CHECK(describe_model(*other) == "TorchScript module from " + (folder / "other.pt"));
}

TEST_CASE("an engine is made for each kind of model file without being told which") {
  const test::TemporaryDirectory folder;
  folder.write("lama", safetensors_bytes(random_lama_weights({4, 1, 8, 24}, 1).tensors));
  folder.write("migan", safetensors_bytes(random_migan_weights({{4, 8, 8, 8}}, 1).tensors));
  write_module(folder / "other.pt");
  Pixels image(64, 64, 3, std::uint8_t{90});
  const Pixels mask(64, 64, 1, std::uint8_t{255});
  for (const char* file : {"lama", "migan", "other.pt"}) {
    CAPTURE(file);
    const auto engine = make_inpainter({.file = folder / file, .threads = 1});
    REQUIRE_MESSAGE(engine, engine.error().message);
    CHECK((*engine)->model_name() == std::string(file).substr(0, 5));
    const auto answers = (*engine)->run(std::vector<NetworkInput>{{&image, &mask, {}}});
    REQUIRE_MESSAGE(answers, answers.error().message);
  }
  CHECK(network_traits({.file = folder / "migan"})->side_multiple == 8);
  CHECK(*network_traits({.engine = EngineKind::null}) == NetworkTraits{});
  CHECK_FALSE(network_traits({.file = folder / "absent"}));
  const auto reference = make_inpainter({.engine = EngineKind::reference, .file = folder / "other.pt"});
  REQUIRE_FALSE(reference);
  CHECK(reference.error().message.find("use the native or the script engine") != std::string::npos);
}

TEST_CASE("a file of another network is refused with a list of what was looked for") {
  const test::TemporaryDirectory folder;
  folder.write("other.safetensors", safetensors_bytes(NamedTensors{{"conv.weight", {{1}, {1}}}}));
  const auto model = load_model(folder / "other.safetensors");
  REQUIRE_FALSE(model);
  for (const char* part : {"1.ffc.convl2l.weight", "encoder.b512.fromrgb.weight", "TorchScript"}) {
    CAPTURE(part);
    CHECK(model.error().message.find(part) != std::string::npos);
  }
}

}  // namespace inpaintd
