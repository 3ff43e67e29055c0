// SPDX-License-Identifier: Apache-2.0
// Tests that need a GPU. Without one, each test prints a message and checks nothing.
#include <ATen/ATen.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "models/check/accuracy.h"
#include "models/check/sample_pictures.h"
#include "models/fused/inpainter.h"
#include "models/reference/inpainter.h"
#include "tests/models/fused/engines.h"
#include "tests/models/fused/wild_weights.h"

namespace inpaintd {
namespace {

using test::answers;
using test::must;

std::vector<std::string> gpus() {
  auto devices = available_devices();
  std::erase(devices, "cpu");
  if (devices.empty())
    MESSAGE("skipped: ", std::string(built_for_cuda() ? "no CUDA device answers" : "this LibTorch has no CUDA"));
  return devices;
}

const LamaWeights& weights() {
  static const LamaWeights loaded = [] {
    auto found = load_lama_weights("");
    REQUIRE(found);
    return *std::move(found);
  }();
  return loaded;
}

void check_close(const std::vector<Pixels>& found, const std::vector<Pixels>& expected, const SamplePictures& pictures,
                 const AccuracyGate& gate) {
  const auto inputs = pictures.batch();
  LevelDifferences differences;
  for (std::size_t i = 0; i < found.size(); ++i) differences.add(found[i], expected[i], *inputs[i].mask);
  CHECK_MESSAGE(gate.holds(differences), "PSNR ", differences.psnr());
}

std::vector<SamplePictures> forty_sizes() {
  std::vector<SamplePictures> sizes;
  for (int i = 0; i < 40; ++i) sizes.emplace_back(Size{64 + 8 * (i % 8), 64 + 8 * (i / 8)});
  return sizes;
}

}  // namespace

TEST_CASE("on every GPU each precision is within its gate, plain and recorded") {
  for (const std::string& gpu : gpus()) {
    const auto reference = must(make_aten_lama(weights(), gpu, 1));
    const SamplePictures pictures;
    const auto exact = answers(*reference, pictures);
    for (const Precision precision : {Precision::fp32, Precision::fp16}) {
      CAPTURE(gpu);
      CAPTURE(precision);
      const auto engine = must(make_fused_lama(weights(), gpu, precision, 1));
      for (int i = 0; i <= Runner::plain_runs + 1; ++i)
        check_close(answers(*engine, pictures), exact, pictures, gate_of(precision));
    }
  }
}

TEST_CASE("two engines in two threads give the predictions of one engine alone for forty sizes in different order") {
  for (const std::string& gpu : gpus()) {
    CAPTURE(gpu);
    const auto sizes = forty_sizes();
    const auto alone = must(make_fused_lama(weights(), gpu, Precision::fp16, 1));
    std::vector<std::vector<Pixels>> expected;
    for (const SamplePictures& each : sizes) expected.push_back(answers(*alone, each));
    std::atomic<int> failed = 0, far = 0;
    const auto work = [&](bool backwards) {
      auto engine = make_fused_lama(weights(), gpu, Precision::fp16, 1);
      if (!engine) return void(++failed);
      for (int turn = 0; turn < 4; ++turn)
        for (std::size_t i = 0; i < sizes.size(); ++i) {
          const std::size_t which = backwards ? sizes.size() - 1 - i : i;
          const auto inputs = sizes[which].batch();
          const auto found = (*engine)->run(inputs);
          if (!found) {
            ++failed;
            continue;
          }
          LevelDifferences differences;
          for (std::size_t p = 0; p < inputs.size(); ++p)
            differences.add((*found)[p], expected[which][p], *inputs[p].mask);
          if (!gate_of(Precision::fp16).holds(differences)) ++far;
        }
    };
    std::thread first(work, false), second(work, true);
    first.join();
    second.join();
    CHECK(failed == 0);
    CHECK(far == 0);
  }
}

TEST_CASE("recordings that were dropped and made again give the same predictions") {
  for (const std::string& gpu : gpus()) {
    CAPTURE(gpu);
    const auto engine = must(make_fused_lama(weights(), gpu, Precision::fp16, 1));
    const SamplePictures pictures;
    for (int i = 0; i < Runner::plain_runs + 2; ++i) (void)answers(*engine, pictures);
    const auto before = answers(*engine, pictures);
    for (int i = 0; i < 4; ++i) engine->release_memory();
    check_close(answers(*engine, pictures), before, pictures, gate_of(Precision::fp16));
    CHECK(engine->last_run_prepared());
    check_close(answers(*engine, pictures), before, pictures, gate_of(Precision::fp16));
  }
}

TEST_CASE("a batch too large for a GPU's memory is reported as such, and smaller ones work afterwards") {
  for (const std::string& gpu : gpus()) {
    CAPTURE(gpu);
    const auto engine = must(make_fused_lama(random_lama_weights({64, 1, 128, 384}, 1), gpu, Precision::fp32, 1));
    std::vector<at::Tensor> rest;  // of the memory, but for less than 1 GB
    try {
      while (true) rest.push_back(at::empty({1 << 30}, at::TensorOptions(c10::Device(gpu)).dtype(at::kByte)));
    } catch (const c10::OutOfMemoryError&) {
    }
    const SamplePictures large({2048, 2048}), small;
    const auto run = engine->run(large.batch());
    REQUIRE_FALSE(run);
    CHECK(run.error().kind == EngineFailure::Kind::out_of_memory);
    rest.clear();
    engine->release_memory();
    (void)answers(*engine, small);
    (void)answers(*engine, large);
  }
}

TEST_CASE("on a GPU, too, a picture whose values exceed 16 bits is computed once more in fp32, and counted") {
  for (const std::string& gpu : gpus()) {
    CAPTURE(gpu);
    const auto fast = must(make_fused_lama(afraid_of_red(), gpu, Precision::fp16, 1));
    Pixels red(32, 32, 3), grey(32, 32, 3, 90), mask(32, 32, 1);
    for (std::size_t i = 0; i < red.bytes.size(); i += 3) red.bytes[i] = 255;
    std::fill_n(mask.row(3) + 3, 5, std::uint8_t{255});
    const auto run = fast->run(std::vector<NetworkInput>{{&grey, &mask}, {&red, &mask}, {&grey, &mask}});
    REQUIRE_MESSAGE(run, run.error().message);
    CHECK(fast->retries() == 1);
  }
}

}  // namespace inpaintd
