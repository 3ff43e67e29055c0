// SPDX-License-Identifier: Apache-2.0
#include "models/null/faults.h"

#include <doctest/doctest.h>

#include <future>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/null/inpainter.h"
#include "models/null/pace.h"
#include "tests/support/held_runs.h"

using namespace inpaintd;
using namespace std::chrono_literals;
using Kind = EngineFailure::Kind;

namespace {

// Pictures that differ in one pixel, with their masks.
struct Pictures {
  explicit Pictures(std::size_t count) : mask(16, 16, 1, 255) {
    for (std::size_t i = 0; i < count; ++i) {
      images.emplace_back(16, 16, 3);
      images.back().bytes[0] = static_cast<std::uint8_t>(i);
      images.back().bytes[1] = static_cast<std::uint8_t>(i >> 8);
    }
    for (const Pixels& image : images) inputs.push_back({&image, &mask});
  }
  [[nodiscard]] std::span<const NetworkInput> first(std::size_t count) const { return std::span(inputs).first(count); }
  [[nodiscard]] std::span<const NetworkInput> one(std::size_t index) const {
    return std::span(inputs).subspan(index, 1);
  }

  std::vector<Pixels> images;
  Pixels mask;
  std::vector<NetworkInput> inputs;
};

std::unique_ptr<Inpainter> engine(const std::string& faults) {
  auto made = make_null_inpainter("", faults);
  REQUIRE_MESSAGE(made, faults);
  return *std::move(made);
}

std::vector<std::size_t> bad_ones(Inpainter& engine, const Pictures& pictures) {
  std::vector<std::size_t> bad;
  for (std::size_t i = 0; i < pictures.inputs.size(); ++i)
    if (!engine.run(pictures.one(i))) bad.push_back(i);
  return bad;
}

}  // namespace

TEST_CASE("a share of the pictures is poison, the same pictures every time, alone or in a batch") {
  const Pictures pictures(1000);
  const auto first = engine("poison:0.1");
  const auto bad = bad_ones(*first, pictures);
  CHECK(bad.size() > 60);
  CHECK(bad.size() < 140);
  CHECK(bad_ones(*first, pictures) == bad);
  CHECK(bad_ones(*engine("poison:0.1"), pictures) == bad);
  CHECK(bad_ones(*engine("poison:0.1,seed:2"), pictures) != bad);
  const auto failed = first->run(pictures.first(bad[0] + 1));
  REQUIRE(!failed);
  CHECK(failed.error().kind == Kind::failed);
  CHECK(failed.error().message == "input " + std::to_string(bad[0]) + " of the batch is poison");
}

TEST_CASE("a grey picture, with which engines are checked, never has a fault") {
  Pictures pictures(1);
  CHECK(!engine("poison:1")->run(pictures.inputs));
  pictures.images[0] = Pixels(16, 16, 3, 128);
  CHECK(engine("poison:1")->run(pictures.inputs));
}

TEST_CASE("a picture whose prediction is not finite has a failure kind of its own") {
  const Pictures pictures(1);
  const auto failed = engine("nan:1")->run(pictures.inputs);
  REQUIRE(!failed);
  CHECK(failed.error().kind == Kind::not_finite);
}

TEST_CASE("a fault can be set for one run of the engine, counted from 1") {
  const Pictures pictures(2);
  const auto lost = engine("lost:@2");
  CHECK(lost->run(pictures.inputs));
  CHECK(lost->run(pictures.inputs).error().kind == Kind::device_lost);
  CHECK(lost->run(pictures.inputs));
  CHECK(engine("fail:@1")->run(pictures.inputs).error().kind == Kind::failed);
  CHECK(engine("count:@1")->run(pictures.inputs)->size() == 1);
  CHECK_THROWS_AS((void)engine("crash:@1")->run(pictures.inputs), std::runtime_error);
  CHECK(engine("hang:@1:1ms")->run(pictures.inputs)->size() == 2);
}

TEST_CASE("a held run waits until its file is removed") {
  const Pictures pictures(1);
  test::HeldRuns held("@2");
  const auto holding = engine(held.fault());
  CHECK(holding->run(pictures.inputs));
  auto second = std::async(std::launch::async, [&] { return holding->run(pictures.inputs); });
  CHECK(second.wait_for(20ms) == std::future_status::timeout);
  held.release();
  CHECK(second.get());
  CHECK(holding->run(pictures.inputs));
}

TEST_CASE("a share of the runs fails, the same runs for the same seed") {
  const Pictures pictures(1);
  const auto failures = [&](const std::string& faults) {
    const auto broken = engine(faults);
    std::vector<int> runs;
    for (int run = 0; run < 1000; ++run)
      if (!broken->run(pictures.inputs)) runs.push_back(run);
    return runs;
  };
  const auto some = failures("fail:0.1,seed:3");
  CHECK(some.size() > 60);
  CHECK(some.size() < 140);
  CHECK(failures("fail:0.1,seed:3") == some);
  CHECK(failures("fail:0.1,seed:4") != some);
  CHECK(failures("fail:0").empty());
  CHECK(failures("fail:1").size() == 1000);
}

TEST_CASE("a run of more pictures than the bound is out of memory") {
  const Pictures pictures(5);
  const auto small = engine("oom:>4");
  CHECK(small->run(pictures.first(4)));
  CHECK(small->run(pictures.first(5)).error().kind == Kind::out_of_memory);
}

TEST_CASE("unknown faults are refused with a list of the known ones") {
  for (const char* bad :
       {"explode:0.1", "fail", "fail:", "fail:1.1", "fail:-0.1", "fail:@0", "poison:@3", "oom:4", "oom:>x",
        "hang:@1:soon", "hold:@1", "hold:@1:", "fail:0.1:2s", "seed:x", "fail:0.1,,", "fail:0.1 "}) {
    CAPTURE(bad);
    const auto parsed = parse_faults(bad);
    REQUIRE(!parsed);
    CHECK(parsed.error().message.find("poison:SHARE") != std::string::npos);
  }
  CHECK(parse_faults("")->list.empty());
}

TEST_CASE("a pace is a time per batch, optionally with a time per picture") {
  CHECK(parse_pace("20ms")->time(8) == 20ms);
  CHECK(parse_pace("4ms+700us")->time(10) == 11ms);
  CHECK(parse_pace("20ms+5ms+19ms/MP")->time(8, 2'000'000) == 98ms);
  CHECK(parse_pace("20ms+19ms/MP")->time(8, 500'000) == 29'500us);
  for (const char* text : {"19ms/MP", "1ms+2ms+3ms", "1ms+2ms/MP+3ms", "1ms+2ms/MP+3ms/MP", "1ms+", "1ms+2/MP"})
    CHECK_FALSE(parse_pace(text));
  CHECK(parse_pace("")->time(10) == 0us);
  CHECK(parse_time("2s") == 2s);
  CHECK(parse_time("3600s") == 3600s);
  for (const char* bad : {"20", "ms", "-1ms", "1ms+", "+1ms", "1ms+1ms+1ms", "1 ms", "3601s"}) {
    CAPTURE(bad);
    CHECK(!parse_pace(bad));
  }
}
