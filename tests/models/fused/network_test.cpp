// SPDX-License-Identifier: Apache-2.0
#include "models/fused/inpainter.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "models/check/accuracy.h"
#include "models/check/sample_pictures.h"
#include "models/fused/network.h"
#include "models/reference/inpainter.h"
#include "tests/models/fused/engines.h"
#include "tests/models/fused/wild_weights.h"

namespace inpaintd {
namespace {

using test::answers;
using test::must;

const LamaShape small{8, 2, 16, 48};

/// The mean absolute difference of two pictures in levels.
double levels_apart(const Pixels& a, const Pixels& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.bytes.size(); ++i) sum += std::abs(a.bytes[i] - b.bytes[i]);
  return sum / static_cast<double>(a.bytes.size());
}

LevelDifferences differences(const SamplePictures& pictures, const std::vector<Pixels>& found,
                             const std::vector<Pixels>& exact) {
  LevelDifferences all;
  const auto inputs = pictures.batch();
  for (std::size_t i = 0; i < inputs.size(); ++i) all.add(found[i], exact[i], *inputs[i].mask);
  return all;
}

/// The sample pictures as inputs of the network: [N,H,W,3] and [N,H,W,1].
std::pair<at::Tensor, at::Tensor> tensors(const SamplePictures& pictures) {
  std::vector<at::Tensor> images, masks;
  const auto batch = pictures.batch();
  for (const NetworkInput& input : batch) {
    auto view = [](const Pixels& p) {
      return at::from_blob(const_cast<std::uint8_t*>(p.bytes.data()), {p.height, p.width, p.channels}, at::kByte);
    };
    images.push_back(view(*input.image));
    masks.push_back(view(*input.mask));
  }
  return {at::stack(images), at::stack(masks)};
}

fused::Finished forward(FusedLama network, const at::Tensor& image, const at::Tensor& mask,
                        ChannelNumbers* maxima = nullptr) {
  const Size size{static_cast<int>(image.size(2)), static_cast<int>(image.size(1))};
  return network.forward(image, mask, network.fourier(size), maxima);
}

}  // namespace

TEST_CASE("the fused network in fp32 equals the trained network, for any multiples of 8") {
  const LamaWeights weights = random_lama_weights(small, 3);
  const auto reference = must(make_aten_lama(weights, "cpu", 1));
  const auto fused = must(make_fused_lama(weights, "cpu", Precision::fp32, 1));
  for (const Size size : {Size{64, 64}, {72, 64}, {64, 40}, {104, 88}, {16, 16}}) {
    CAPTURE(size.width);
    CAPTURE(size.height);
    const SamplePictures pictures(size);
    const auto exact = answers(*reference, pictures);
    CHECK(gate_of(Precision::fp32).holds(differences(pictures, answers(*fused, pictures), exact)));
  }
}

TEST_CASE("scaling every stored map by powers of two changes no byte of the prediction") {
  const c10::InferenceMode inference;
  const FoldedLama model = fold(random_lama_weights(small, 5));
  ChannelNumbers scales = channel_numbers(small, 1);
  std::mt19937 bits(1);
  const auto randomise = [&bits](std::vector<float>& numbers) {
    for (float& each : numbers) each = std::exp2(static_cast<float>(bits() % 9) - 4);
  };
  randomise(scales.first);
  for (auto& each : scales.down) randomise(each);
  randomise(scales.stream);
  for (auto& layer : scales.layers) {
    randomise(layer.half);
    randomise(layer.output);
  }
  for (auto& each : scales.up) randomise(each);

  const auto [image, mask] = tensors(SamplePictures({48, 40}));
  FusedLama plain(model, c10::kCPU, at::kFloat), other(scaled(model, scales), c10::kCPU, at::kFloat);
  const at::Tensor expected = forward(plain, image, mask).pictures, got = forward(other, image, mask).pictures;
  CHECK((expected.to(at::kInt) - got.to(at::kInt)).abs().max().item<int>() == 0);
}

TEST_CASE("after scaling by the maxima of sample pictures, every map of these pictures is within the target") {
  const c10::InferenceMode inference;
  const FoldedLama model = fold(random_lama_weights(small, 6));
  const auto [image, mask] = tensors(SamplePictures({64, 48}));
  ChannelNumbers before = channel_numbers(small, 0), after = before;
  (void)forward(FusedLama(model, c10::kCPU, at::kFloat), image, mask, &before);
  (void)forward(FusedLama(scaled(model, scales_for(before, 256)), c10::kCPU, at::kFloat), image, mask, &after);
  const auto within = [](const std::vector<float>& numbers) {
    for (const float each : numbers) CHECK(each <= 257);
    CHECK(*std::max_element(numbers.begin(), numbers.end()) > 100);
  };
  within(after.first);
  for (const auto& each : after.down) within(each);
  within(after.stream);
  for (const auto& layer : after.layers) within(layer.half);
  for (const auto& each : after.up) within(each);
}

TEST_CASE("a picture whose values exceed 16 bits is computed once more in fp32, and counted") {
  const LamaWeights weights = afraid_of_red();
  const auto exact = must(make_fused_lama(weights, "cpu", Precision::fp32, 1));
  const auto fast = must(make_fused_lama(weights, "cpu", Precision::bf16, 1));
  Pixels red(32, 32, 3), grey(32, 32, 3, 90), mask(32, 32, 1);
  for (std::size_t i = 0; i < red.bytes.size(); i += 3) red.bytes[i] = 255;
  std::fill_n(mask.row(3) + 3, 5, std::uint8_t{255});
  const std::vector<NetworkInput> batch{{&grey, &mask}, {&red, &mask}, {&grey, &mask}};
  const auto answers = fast->run(batch);
  REQUIRE_MESSAGE(answers, answers.error().message);
  CHECK(fast->retries() == 1);
  const auto expected = exact->run(batch);
  REQUIRE_MESSAGE(expected, expected.error().message);
  CHECK((*answers)[1] == (*expected)[1]);
  // The other pictures are still computed in bf16, each in its place.
  for (const std::size_t other : {0, 2}) {
    CHECK((*answers)[other] != (*expected)[other]);
    CHECK(levels_apart((*answers)[other], (*expected)[other]) < levels_apart((*answers)[other], (*expected)[1]));
  }
}

TEST_CASE("a prediction that is NaN in fp32 as well is a failure of its input") {
  LamaWeights weights = random_lama_weights(small, 8);
  for (float& value : weights.tensors["1.bn_l.weight"].values) value = 3e38F;
  for (const Precision precision : {Precision::fp32, Precision::bf16}) {
    const auto fused = must(make_fused_lama(weights, "cpu", precision, 1));
    const auto run = fused->run(SamplePictures({32, 32}).batch());
    REQUIRE_FALSE(run);
    CHECK(run.error().kind == EngineFailure::Kind::not_finite);
    CHECK(run.error().message == "the prediction of input 0 of the batch holds NaN or Inf");
  }
}

TEST_CASE("fp16 needs a CUDA device") {
  const auto engine = make_inpainter({.device = "cpu", .precision = Precision::fp16});
  REQUIRE_FALSE(engine);
  CHECK(engine.error().message.find("CUDA") != std::string::npos);
}

}  // namespace inpaintd
