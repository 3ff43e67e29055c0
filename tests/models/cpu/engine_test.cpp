// SPDX-License-Identifier: Apache-2.0
#include "models/cpu/engine.h"

#include <doctest/doctest.h>

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>
#include <string>

#include "models/lama/weights.h"
#include "models/reference/network.h"
#include "tests/models/reference.h"

namespace inpaintd {
namespace {

constexpr Isa all_isas[] = {Isa::portable, Isa::avx2, Isa::avx512};
const std::string isa_names[] = {"portable", "avx2", "avx512"};

/// Calls body(isa) for every instruction set of this CPU, and prints a message for the others.
template <class Body>
void for_each_isa(const Body& body) {
  for (std::size_t i = 0; i < 3; ++i) {
    if (!is_supported(all_isas[i])) {
      MESSAGE("skipped: this CPU has no " << isa_names[i]);
      continue;
    }
    CAPTURE(isa_names[i]);
    body(all_isas[i]);
  }
}

struct Picture {
  Size size;
  std::vector<std::uint8_t> image;
  std::vector<std::uint8_t> mask;
};

Picture random_picture(Size size, std::uint32_t seed) {
  std::mt19937 bits(seed);
  const auto pixels = static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
  Picture p{size, std::vector<std::uint8_t>(3 * pixels), std::vector<std::uint8_t>(pixels)};
  for (auto& byte : p.image) byte = static_cast<std::uint8_t>(bits());
  for (auto& byte : p.mask) byte = static_cast<std::uint8_t>(bits());  // holes of single pixels: above 127
  std::fill(p.mask.begin(), p.mask.begin() + static_cast<std::ptrdiff_t>(pixels / 3), std::uint8_t{0});
  return p;
}

std::vector<std::vector<float>> predict(CpuEngine& engine, const std::vector<Picture>& batch,
                                        const std::vector<Rect>& needs = {}) {
  std::vector<cpu::Source> sources;
  std::vector<cpu::Target> targets;
  std::vector<std::vector<float>> answers;
  for (const Picture& p : batch) {
    sources.push_back({p.image.data(), p.mask.data()});
    answers.emplace_back(p.image.size(), -1.0F);
  }
  for (std::size_t i = 0; i < answers.size(); ++i)
    targets.push_back({nullptr, answers[i].data(), needs.empty() ? Rect{} : needs[i]});
  CHECK_FALSE(engine.run(sources, batch[0].size, targets));
  return answers;
}

double sample(const Picture& p, std::size_t pixel, std::size_t colour) { return p.image[3 * pixel + colour] / 255.0; }

std::vector<double> float64_prediction(const LamaWeights& weights, const Picture& p) {
  reference::Map image(3, p.size.height, p.size.width), mask(1, p.size.height, p.size.width);
  for (std::size_t i = 0; i < p.mask.size(); ++i) {
    for (std::size_t c = 0; c < 3; ++c) image.values[c * p.mask.size() + i] = sample(p, i, c);
    mask.values[i] = p.mask[i] > 127 ? 1 : 0;
  }
  return reference::predict(weights, image, mask).values;
}

std::vector<double> aten_prediction(LamaNetwork& network, const Picture& p) {
  const c10::InferenceMode inference;
  const at::Tensor image = at::empty({1, 3, p.size.height, p.size.width}),
                   mask = at::empty({1, 1, p.size.height, p.size.width});
  for (std::size_t i = 0; i < p.mask.size(); ++i) {
    for (std::size_t c = 0; c < 3; ++c)
      image.data_ptr<float>()[c * p.mask.size() + i] = static_cast<float>(sample(p, i, c));
    mask.data_ptr<float>()[i] = p.mask[i] > 127 ? 1 : 0;
  }
  const at::Tensor out = network.forward(image, mask).contiguous();
  return {out.data_ptr<float>(), out.data_ptr<float>() + out.numel()};
}

/// Planar expectation against the engine's interleaved answer.
double largest_error(const std::vector<double>& expected, const std::vector<float>& answer) {
  double worst = 0;
  const std::size_t pixels = answer.size() / 3;
  for (std::size_t i = 0; i < answer.size(); ++i)
    worst = std::max(worst, std::abs(expected[i % 3 * pixels + i / 3] - answer[i]));
  return worst;
}

}  // namespace

TEST_CASE("every instruction set computes the float64 reference's prediction") {
  struct Case {
    LamaShape shape;
    Size size;
  };
  // Channels that do not fill a vector; maps of 2x2 up to 7x11: one tile and several, cut ones, odd and prime lengths.
  for (const Case& c : {Case{{4, 1, 8, 24}, {16, 16}}, Case{{4, 2, 8, 24}, {24, 40}}, Case{{3, 1, 6, 18}, {88, 56}},
                        Case{{5, 1, 18, 22}, {16, 72}}}) {
    const LamaWeights weights = random_lama_weights(c.shape, 5);
    const Picture picture = random_picture(c.size, 6);
    const auto expected = float64_prediction(weights, picture);
    CAPTURE(c.size.width);
    for_each_isa([&](Isa isa) {
      CpuEngine engine(fold(weights), {.threads = 2, .isa = isa});
      CHECK(largest_error(expected, predict(engine, {picture})[0]) < 5e-5);
    });
  }
}

TEST_CASE("larger maps, batches and channel groups agree with LibTorch's operations") {
  const LamaWeights weights = random_lama_weights({24, 1, 48, 144}, 1);
  LamaNetwork network(weights, c10::kCPU);
  for_each_isa([&](Isa isa) {
    if (isa == Isa::portable) return;  // too slow for this size, and the same source
    CpuEngine engine(fold(weights), {.threads = 2, .isa = isa});
    for (const Size size : {Size{264, 136}, Size{64, 328}}) {
      const std::vector<Picture> batch{random_picture(size, 1), random_picture(size, 2), random_picture(size, 3)};
      const auto answers = predict(engine, batch);
      for (std::size_t i = 0; i < batch.size(); ++i)
        CHECK(largest_error(aten_prediction(network, batch[i]), answers[i]) < 1e-4);
    }
  });
}

TEST_CASE("threads, other pictures, the place in the batch and earlier sizes change no bit of a prediction") {
  const FoldedLama model = fold(random_lama_weights({8, 1, 16, 48}, 2));
  for_each_isa([&](Isa isa) {
    CpuEngine engine(model, {.threads = 1, .isa = isa});
    CpuEngine threaded(model, {.threads = 3, .isa = isa});
    const Size size{40, 72};
    std::vector<Picture> batch;
    for (std::uint32_t i = 0; i < 5; ++i) batch.push_back(random_picture(size, i));
    const auto alone = predict(engine, {batch[3]})[0];
    CHECK(predict(threaded, {batch[3]})[0] == alone);
    CHECK(predict(threaded, batch)[3] == alone);
    predict(engine, {random_picture({136, 16}, 9)});
    std::swap(batch[0], batch[3]);
    CHECK(predict(engine, batch)[0] == alone);
  });
}

TEST_CASE("at every default side of the ladder, too, neighbours do not change a bit of a prediction") {
  CpuEngine engine(fold(random_lama_weights({4, 1, 8, 24}, 2)), {.threads = 2});
  for (const int side : {256, 512, 768, 1024}) {
    CAPTURE(side);
    const Picture picture = random_picture({side, side}, 1), other = random_picture({side, side}, 2);
    const auto alone = predict(engine, {picture})[0];
    const auto batch = predict(engine, {other, picture, other});
    CHECK(batch[1] == alone);
    CHECK(batch[0] == batch[2]);
  }
}

TEST_CASE("a needed rectangle gets the samples of a whole prediction, and nothing is written outside") {
  CpuEngine engine(fold(random_lama_weights({4, 1, 8, 24}, 3)), {.threads = 2});
  const Picture picture = random_picture({328, 120}, 4), other = random_picture({328, 120}, 5);
  const auto whole = predict(engine, {picture})[0], whole_other = predict(engine, {other})[0];
  const auto is_part = [](const std::vector<float>& part, const std::vector<float>& all, const Rect& need) {
    for (int i = 0; i < 328 * 120 * 3; ++i) {
      const int x = i / 3 % 328, y = i / 3 / 328;
      const bool inside = x >= need.x && x < need.right() && y >= need.y && y < need.bottom();
      const auto at = static_cast<std::size_t>(i);
      if (part[at] != (inside ? all[at] : -1.0F)) return false;
    }
    return true;
  };
  for (const Rect& need : {Rect{0, 0, 1, 1}, Rect{327, 119, 1, 1}, Rect{100, 3, 130, 7}, Rect{0, 50, 328, 1},
                           Rect{5, 0, 1, 120}, Rect{320, 2, 8, 118}, Rect{0, 0, 328, 120}}) {
    CAPTURE(need.x);
    CHECK(is_part(predict(engine, {picture}, {need})[0], whole, need));
    // In a batch each picture has its own needed part; two consecutive pictures here have the same one.
    const Rect corner{300, 100, 9, 9};
    const auto batch = predict(engine, {picture, other, picture, other}, {need, corner, corner, {}});
    CHECK(is_part(batch[0], whole, need));
    CHECK(is_part(batch[1], whole_other, corner));
    CHECK(is_part(batch[2], whole, corner));
    CHECK(batch[3] == whole_other);
  }
}

TEST_CASE("bytes are the values times 255, truncated") {
  CpuEngine engine(fold(random_lama_weights({4, 1, 8, 24}, 3)), {.threads = 1});
  const Picture picture = random_picture({32, 24}, 4);
  const auto values = predict(engine, {picture})[0];
  std::vector<std::uint8_t> bytes(values.size());
  engine.run(std::vector{cpu::Source{picture.image.data(), picture.mask.data()}}, picture.size,
             std::vector{cpu::Target{bytes.data(), nullptr}});
  for (std::size_t i = 0; i < bytes.size(); ++i) REQUIRE(bytes[i] == static_cast<int>(values[i] * 255.0F));
}

TEST_CASE("the arena is kept between runs and grows with the largest size only") {
  CpuEngine engine(fold(random_lama_weights({4, 1, 8, 24}, 3)), {.threads = 1});
  CHECK(engine.arena_bytes() == 0);
  predict(engine, {random_picture({64, 64}, 1)});
  const std::size_t needed = engine.arena_bytes();
  CHECK(needed > 0);
  for (int i = 0; i < 3; ++i) {
    predict(engine, {random_picture({16, 32}, 1)});
    predict(engine, {random_picture({64, 64}, 1)});
  }
  CHECK(engine.arena_bytes() == needed);
}

TEST_CASE("a profile counts time and work if the options ask for it") {
  const FoldedLama model = fold(random_lama_weights({4, 1, 8, 24}, 3));
  CpuEngine quiet(model, {.threads = 1}), profiled(model, {.threads = 1, .isa = Isa::portable, .profile = true});
  predict(quiet, {random_picture({64, 64}, 1)});
  predict(profiled, {random_picture({64, 64}, 1)});
  CHECK(quiet.profile()[cpu::LayerClass::first].flops == 0);
  // 2 * 7 rows * 8 pixels * 4 channels * 16 outputs (4 of them used) * 64 * 64 pixels
  CHECK(profiled.profile()[cpu::LayerClass::first].flops == 2.0 * 7 * 8 * 4 * 16 * 64 * 64);
  CHECK(profiled.profile()[cpu::LayerClass::fft].seconds > 0);
}

TEST_CASE("the peak of every supported instruction set can be measured") {
  for_each_isa([](Isa isa) { CHECK(measure_peak(isa, 1) > 0); });  // the value depends on the load of the machine
}

TEST_CASE("sizes, targets and models that the engine cannot run are refused") {
  CpuEngine engine(fold(random_lama_weights({4, 1, 8, 24}, 3)), {.threads = 1});
  const Picture picture = random_picture({16, 16}, 1);
  const std::vector<cpu::Source> source{{picture.image.data(), picture.mask.data()}};
  std::vector<float> answer(picture.image.size());
  const std::vector<cpu::Target> target{{nullptr, answer.data()}};
  CHECK_FALSE(engine.run(source, {16, 16}, target));
  for (const Size size : {Size{8, 16}, Size{16, 8}, Size{20, 16}, Size{16, 0}})
    CHECK_THROWS_AS(engine.run(source, size, target), std::invalid_argument);
  CHECK_THROWS_AS(engine.run(source, {16, 16}, {}), std::invalid_argument);
  CHECK_THROWS_AS(engine.run({}, {16, 16}, {}), std::invalid_argument);
  for (const Rect& need : {Rect{0, 0, 17, 16}, Rect{0, 8, 16, 9}, Rect{-1, 0, 4, 4}, Rect{0, -1, 4, 4}})
    CHECK_THROWS_AS(engine.run(source, {16, 16}, std::vector{cpu::Target{nullptr, answer.data(), need}}),
                    std::invalid_argument);
  CHECK_THROWS_AS(CpuEngine(FoldedLama{}, {}), std::invalid_argument);
}

TEST_CASE("the index of the first prediction with NaN is returned") {
  LamaWeights weights = random_lama_weights({4, 1, 8, 24}, 1);
  for (float& value : weights.tensors["1.bn_l.weight"].values) value = 3e38F;
  for_each_isa([&](Isa isa) {
    CpuEngine engine(fold(weights), {.threads = 1, .isa = isa});
    const Picture picture = random_picture({16, 16}, 1);
    std::vector<std::uint8_t> bytes(picture.image.size());
    const auto bad = engine.run(std::vector{cpu::Source{picture.image.data(), picture.mask.data()}}, picture.size,
                                std::vector{cpu::Target{bytes.data(), nullptr}});
    CHECK(bad == std::optional<std::size_t>(0));
  });
}

}  // namespace inpaintd
