// SPDX-License-Identifier: Apache-2.0
// The engine for GPUs on a device that logs its calls: the CPU, with recordings.
#include <doctest/doctest.h>

#include "models/check/sample_pictures.h"
#include "models/fused/inpainter.h"
#include "models/reference/inpainter.h"
#include "tests/models/fused/engines.h"
#include "tests/models/fused/recorded_operations.h"

namespace inpaintd {
namespace {

using Kind = EngineFailure::Kind;
using Calls = std::vector<std::string>;

struct Fixture {
  DeviceLog log;
  LamaWeights weights = random_lama_weights({8, 2, 16, 48}, 3);
  std::unique_ptr<Inpainter> engine = make(Precision::fp32);

  std::unique_ptr<Inpainter> make(Precision precision) {
    auto made = make_fused_lama(weights, c10::Device(c10::kCPU), precision, 1,
                                std::make_unique<Runner>(recorded_operations(log), std::make_shared<DeviceShare>()));
    return test::must(std::move(made));
  }
  std::vector<Pixels> answers(const std::vector<NetworkInput>& batch) { return test::answers(*engine, batch); }
};

std::vector<NetworkInput> first_of(const SamplePictures& pictures, std::size_t count) {
  const auto all = pictures.batch();
  std::vector<NetworkInput> some;
  for (std::size_t i = 0; i < count; ++i) some.push_back(all[i % all.size()]);
  return some;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the engine is built on its device's stream, and construction waits for it") {
  CHECK((log.take() == Calls{"enter", "leave", "synchronize"}));
}

TEST_CASE_FIXTURE(Fixture, "a recording gives the predictions of a plain run, for every picture and count") {
  const SamplePictures pictures({64, 48});
  for (const std::size_t count : {1, 3}) {
    const auto batch = first_of(pictures, count);
    const auto plain = answers(batch);
    CHECK(engine->last_run_prepared());
    answers(batch);
    CHECK_FALSE(engine->last_run_prepared());
    answers(batch);  // recorded
    CHECK(engine->last_run_prepared());
    log.take();
    CHECK(answers(batch) == plain);
    CHECK(log.count("replay") == 1);
    CHECK_FALSE(engine->last_run_prepared());
    // A recording reads its batch anew at each run.
    std::vector<NetworkInput> turned(batch.rbegin(), batch.rend());
    CHECK(answers(turned) == std::vector<Pixels>(plain.rbegin(), plain.rend()));
  }
}

TEST_CASE_FIXTURE(Fixture, "forty sizes in turn get the predictions of a new engine, recorded or not") {
  std::vector<SamplePictures> sizes;
  for (int i = 0; i < 40; ++i) sizes.emplace_back(Size{16 + 8 * (i % 5), 16 + 8 * (i / 5)});
  std::vector<std::vector<Pixels>> expected;
  for (const SamplePictures& each : sizes) expected.push_back(answers(first_of(each, 1)));
  for (int turn = 0; turn < 3; ++turn)
    for (std::size_t i = 0; i < sizes.size(); ++i) CHECK(answers(first_of(sizes[i], 1)) == expected[i]);
  CHECK(log.count("end") > 0);  // some of them fit into the memory
  CHECK(log.count("end") < 40);
}

TEST_CASE_FIXTURE(Fixture, "one buffer on the host serves all batches, and grows with the largest") {
  const SamplePictures small({32, 32}), large({64, 64});
  const auto places = [this](const SamplePictures& pictures, std::size_t count) {
    log.take();
    answers(first_of(pictures, count));
    Calls made;
    for (const std::string& call : log.take())
      if (call.starts_with("host bytes")) made.push_back(call);
    return made;
  };
  CHECK(places(small, 1) == Calls{"host bytes " + std::to_string(7 * 32 * 32 + 1)});
  CHECK(places(large, 2) == Calls{"host bytes " + std::to_string(2 * 7 * 64 * 64 + 2)});
  CHECK(places(small, 3).empty());
  CHECK(places(large, 2).empty());
}

TEST_CASE_FIXTURE(Fixture, "a lack of memory is reported as such, and the engine works afterwards") {
  const SamplePictures pictures({32, 32});
  const auto batch = first_of(pictures, 1);
  log.fails_at = "synchronize";
  log.error = "CUDA out of memory. Tried to allocate 2.00 GiB";
  const auto failed = engine->run(batch);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().kind == Kind::out_of_memory);
  log.fails_at.clear();
  engine->release_memory();
  CHECK(log.count("free unused") == 1);
  CHECK(answers(batch).size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "after the loss of its device the engine makes no call to it, not even to free memory") {
  const SamplePictures pictures({32, 32});
  const auto batch = first_of(pictures, 1);
  for (int i = 0; i < 3; ++i) answers(batch);
  log.fails_at = "replay";
  log.error = "CUDA error: unspecified launch failure";
  log.works = false;
  const auto lost = engine->run(batch);
  REQUIRE_FALSE(lost);
  CHECK(lost.error().kind == Kind::device_lost);
  log.take();
  const auto again = engine->run(batch);
  REQUIRE_FALSE(again);
  CHECK(again.error().kind == Kind::device_lost);
  engine->release_memory();
  engine.reset();
  CHECK(log.take().empty());
}

TEST_CASE(
    "a batch of more than LibTorch can index on a GPU is refused before it runs, so that a smaller one is tried") {
  const LamaShape big{64, 18, 128, 384};
  CHECK_FALSE(check_gpu_limits(big, {1024, 1024}, 31));
  const auto too_many = check_gpu_limits(big, {1024, 1024}, 32);
  REQUIRE(too_many);
  CHECK(too_many->kind == Kind::out_of_memory);
  CHECK(too_many->message.starts_with("32 x 1024x1024 pixels are more than one batch may have on a CUDA device"));
  CHECK_FALSE(check_gpu_limits(big, {4096, 4096}, 1));
  CHECK(check_gpu_limits(big, {4096, 4096}, 2));
  CHECK(check_gpu_limits(big, {8000, 6000}, 1));
  CHECK_FALSE(check_gpu_limits({8, 2, 16, 48}, {16, 8 * 65535}, 1));  // products of the Fourier transform
  CHECK(check_gpu_limits({8, 2, 16, 48}, {16, 8 * 65536}, 1));
}

}  // namespace inpaintd
