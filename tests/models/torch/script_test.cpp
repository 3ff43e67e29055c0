// SPDX-License-Identifier: Apache-2.0
#include "models/torch/script.h"

#include <doctest/doctest.h>
#include <torch/csrc/jit/api/module.h>

#include "models/torch/script_export.h"
#include "tests/models/files.h"
#include "tests/support/temporary_directory.h"

namespace inpaintd {
namespace {

/// Saves a module with the given TorchScript source and loads it as an engine.
Result<std::unique_ptr<Inpainter>, EngineFailure> engine_of(const test::TemporaryDirectory& folder,
                                                            const std::string& source) {
  torch::jit::Module module("__torch__.M");
  module.register_attribute("training", c10::BoolType::get(), false);
  if (!source.empty()) module.define(source + "\n");
  module.save(folder / "m.pt");
  return make_inpainter({.engine = EngineKind::script, .file = folder / "m.pt", .threads = 1});
}

}  // namespace

TEST_CASE("any TorchScript module of (image, mask) is an engine; image and prediction are 0..1, a hole is 1") {
  const test::TemporaryDirectory folder;
  auto engine = engine_of(folder, "def forward(self, image, mask):\n    return image * (1 - mask) + mask * 0.5");
  REQUIRE_MESSAGE(engine, engine.error().message);
  CHECK((*engine)->model_name() == "m");
  Pixels image(16, 24, 3), mask(16, 24, 1);
  for (std::size_t i = 0; i < image.bytes.size(); ++i) image.bytes[i] = static_cast<std::uint8_t>(i);
  mask.row(5)[7] = 128;
  mask.row(5)[8] = 127;
  Pixels expected = image;
  for (int c = 0; c < 3; ++c) expected.row(5)[7 * 3 + c] = 127;  // 0.5 * 255, truncated
  const auto answer = (*engine)->run(std::vector{NetworkInput{&image, &mask}});
  REQUIRE(answer);
  CHECK((*answer)[0] == expected);  // all 256 values of a byte are preserved
}

TEST_CASE("values outside 0..1 are clipped") {
  const test::TemporaryDirectory folder;
  auto engine = engine_of(folder, "def forward(self, image, mask):\n    return image * 4 - 1");
  REQUIRE(engine);
  Pixels image(16, 16, 3, 200), mask(16, 16, 1);
  image.bytes[0] = 10;
  const auto answer = (*engine)->run(std::vector{NetworkInput{&image, &mask}});
  REQUIRE(answer);
  CHECK((*answer)[0].bytes[0] == 0);
  CHECK((*answer)[0].bytes[1] == 255);
}

TEST_CASE("a module that fails for every input is refused when it is loaded") {
  struct Case {
    const char* source;
    const char* message;
  };
  const test::TemporaryDirectory folder;
  for (const Case& c : {
           Case{"", "the module has no forward method"},
           Case{"def forward(self, image):\n    return image", "forward must take (image, mask)"},
           Case{"def forward(self, image, mask):\n    return (image, mask)", "must return one tensor, not Tuple"},
           Case{"def forward(self, image, mask):\n    return mask", "with shape [1, 1, 64, 64]"},
           Case{"def forward(self, image, mask):\n    return image * 255",
                "the values that forward returns are not in 0..1"},
           Case{"def forward(self, image, mask):\n    return torch.conv2d(image, mask)", "Given groups=1"},
       }) {
    CAPTURE(c.source);
    const auto engine = engine_of(folder, c.source);
    REQUIRE_FALSE(engine);
    CAPTURE(engine.error().message);
    CHECK(engine.error().message.find(c.message) != std::string::npos);
  }
}

TEST_CASE("a wrong number of pictures from a module fails the batch, and the engine works afterwards") {
  const test::TemporaryDirectory folder;
  auto engine = engine_of(folder, "def forward(self, image, mask):\n    return image[0:1]");
  REQUIRE(engine);
  const Pixels image(16, 16, 3), mask(16, 16, 1);
  const NetworkInput input{&image, &mask};
  const auto answer = (*engine)->run(std::vector{input, input});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().message == "the model returned shape [1, 3, 16, 16] instead of [2, 3, 16, 16]");
  CHECK((*engine)->run(std::vector{input}));
}

TEST_CASE("an exported file runs as an engine and loads as weights") {
  const test::TemporaryDirectory folder;
  const LamaWeights weights = random_lama_weights({4, 1, 8, 24}, 1);
  folder.write("exported.pt", *export_script(weights));
  CHECK(is_script_file(folder / "exported.pt"));
  auto from_file = make_inpainter({.engine = EngineKind::script, .file = folder / "exported.pt", .threads = 1});
  auto from_weights = make_inpainter({.engine = EngineKind::native, .file = folder / "exported.pt", .threads = 1});
  REQUIRE(from_file);
  REQUIRE(from_weights);
  Pixels image(32, 24, 3), mask(32, 24, 1);
  for (std::size_t i = 0; i < image.bytes.size(); ++i) image.bytes[i] = static_cast<std::uint8_t>(i * 37);
  const std::vector batch{NetworkInput{&image, &mask}};
  const auto a = (*from_file)->run(batch), b = (*from_weights)->run(batch);
  REQUIRE(a);
  REQUIRE(b);
  int largest = 0;
  for (std::size_t i = 0; i < image.bytes.size(); ++i)
    largest = std::max(largest, std::abs((*a)[0].bytes[i] - (*b)[0].bytes[i]));
  CHECK(largest <= 1);
}

TEST_CASE("a file of weights alone is not a TorchScript module") {
  const test::TemporaryDirectory folder;
  write_state_dict(folder / "state.pth", {{"a", {{1}, {1}}}});
  CHECK_FALSE(is_script_file(folder / "state.pth"));
  CHECK_FALSE(is_script_file(folder / "absent"));
  CHECK_FALSE(is_script_file(""));
}

}  // namespace inpaintd
