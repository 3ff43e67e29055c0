// SPDX-License-Identifier: Apache-2.0
#include "models/migan/weights.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <stdexcept>

#include "models/migan/structure.h"
#include "models/migan/traits.h"
#include "tests/models/files.h"

namespace inpaintd {
namespace {

const MiganShape small{{4, 8, 12}};  // sides 16, 8 and 4

const MiganWeights& tiny() {
  static const MiganWeights weights = random_migan_weights(small, 1);
  return weights;
}

std::string failure_of(NamedTensors tensors) {
  try {
    (void)pick_migan(std::move(tensors));
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("the structure of MI-GAN-512 has the parameters of the publication's checkpoint") {
  const MiganShape published{{64, 128, 256, 512, 512, 512, 512, 512}};
  std::int64_t parameters = 0, noise = 0;
  const auto count = [](const std::vector<std::int64_t>& shape) {
    std::int64_t product = 1;
    for (const auto extent : shape) product *= extent;
    return product;
  };
  for (const auto& [name, shape] : migan_tensors(published)) parameters += count(shape);
  for (const auto& [name, shape] : migan_noise(published)) noise += count(shape);
  CHECK(parameters == 5'893'144);
  CHECK(noise == 699'008);
  CHECK(published.side(0) == 512);
  CHECK(published.side_multiple() == 128);
}

TEST_CASE("a generator is picked with any prefix, and its shape follows from the tensors") {
  for (const char* prefix : {"", "model.", "generator.model."}) {
    CAPTURE(prefix);
    const MiganWeights picked = pick_migan(prefixed(prefix, tiny().tensors));
    CHECK(picked.shape == small);
    CHECK(picked.tensors.size() == tiny().tensors.size());
    CHECK(picked.tensors.at("encoder.b8.conv2.conv2.weight").values ==
          tiny().tensors.at("encoder.b8.conv2.conv2.weight").values);
  }
}

TEST_CASE("the authors' two tensors of a layer's noise become their product; filters and missing noise are no matter") {
  NamedTensors tensors = tiny().tensors;
  const Tensor noise = tensors.at("synthesis.b8.conv2.noise");
  tensors.erase("synthesis.b8.conv2.noise");
  tensors.erase("synthesis.b16.conv1.noise");
  tensors["synthesis.b8.conv2.noise_const"] = noise;
  tensors["synthesis.b8.conv2.noise_strength"] = {{}, {0.5F}};
  tensors["synthesis.b8.conv1.upsample.filter"] = {{1}, {1}};
  tensors["encoder.b16.conv2.downsample.filter_const"] = {{1}, {1}};
  const MiganWeights picked = pick_migan(tensors);
  CHECK(picked.tensors.at("synthesis.b8.conv2.noise").values[3] == 0.5F * noise.values[3]);
  CHECK_FALSE(picked.tensors.contains("synthesis.b16.conv1.noise"));
}

TEST_CASE("a generator that is not complete or not MI-GAN is refused by the tensor's name") {
  struct Case {
    std::function<void(NamedTensors&)> breakage;
    const char* message;
  };
  for (const Case& c : {
           Case{[](auto& t) { t.erase("encoder.b8.conv1.conv1.weight"); },
                "tensor \"encoder.b8.conv1.conv1.weight\" is missing"},
           Case{[](auto& t) { t.erase("encoder.b4.conv1.conv1.bias"); },
                "tensor \"encoder.b4.conv1.conv1.bias\" is missing"},
           Case{[](auto& t) { t["synthesis.b4.torgb.bias"].shape = {1, 3}; },
                "tensor \"synthesis.b4.torgb.bias\" has shape [1, 3] instead of [3]"},
           Case{[](auto& t) { t["encoder.b8.conv1.conv1.bias"].shape = {2, 4}; },
                "tensor \"encoder.b8.conv1.conv1.bias\" has shape [2, 4], which no layer of MI-GAN has"},
           Case{[](auto& t) { t["synthesis.b8.conv1.conv2.weight"].values[0] = NAN; },
                "tensor \"synthesis.b8.conv1.conv2.weight\" holds NaN or Inf"},
           Case{[](auto& t) { t["model.synthesis.b4.torgb.bias"] = t["synthesis.b4.torgb.bias"]; },
                "tensor \"synthesis.b4.torgb.bias\" occurs twice"},
           Case{[](auto& t) { t["synthesis.b8.attention.weight"] = {{1}, {1}}; },
                "tensor \"synthesis.b8.attention.weight\" is unexpected"},
           Case{[](auto& t) { t["synthesis.b8.conv2.noise_strength"] = {{}, {1}}; },
                "tensors \"synthesis.b8.conv2.noise_const\" and \"synthesis.b8.conv2.noise_strength\" must both"},
           Case{[](auto& t) { t.extract("encoder.b16.fromrgb.weight"); }, "the file holds no MI-GAN generator"},
           Case{[](auto& t) {
                  auto first = t.extract("encoder.b16.fromrgb.weight");
                  first.key() = "encoder.b17.fromrgb.weight";
                  t.insert(std::move(first));
                },
                "tensor \"encoder.b17.fromrgb.weight\" is for pictures of 17 pixels"},
       }) {
    CAPTURE(c.message);
    NamedTensors tensors = tiny().tensors;
    c.breakage(tensors);
    const std::string failure = failure_of(tensors);
    CAPTURE(failure);
    CHECK(failure.starts_with(c.message));
  }
}

TEST_CASE("the traits of MI-GAN: multiples of its halvings, and window sides that are such multiples") {
  const NetworkTraits published = migan_traits({{64, 128, 256, 512, 512, 512, 512, 512}});
  CHECK(published.side_multiple == 128);
  CHECK(published.window_sides == std::vector{256, 512, 768, 1024});
  CHECK(published.hole_width_max > 0);
  CHECK(migan_traits({{8, 8}}).side_multiple == 8);
  CHECK(migan_traits({std::vector<int>(10, 8)}).window_sides == std::vector{512, 1024});
  CHECK(migan_traits({std::vector<int>(12, 8)}).window_sides == std::vector{2048});
}

}  // namespace inpaintd
