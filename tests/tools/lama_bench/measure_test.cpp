// SPDX-License-Identifier: Apache-2.0
#include "tools/lama_bench/measure.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tools/lama_bench/work.h"

namespace inpaintd::tools {
namespace {

/// Answers with the image, fails from run number `failing` on, and reports a cost of 1 s and 10 operations per run.
class Fake final : public Inpainter {
 public:
  explicit Fake(int failing) : failing_(failing) {}

  Result<std::vector<Pixels>, EngineFailure> run(std::span<const NetworkInput> batch) override {
    if (++runs_ >= failing_) return EngineFailure{EngineFailure::Kind::failed, "broken"};
    std::vector<Pixels> answers;
    for (const NetworkInput& input : batch) answers.push_back(*input.image);
    return answers;
  }
  [[nodiscard]] std::string describe() const override { return "fake"; }
  [[nodiscard]] std::string model_name() const override { return "model"; }
  [[nodiscard]] std::string device_name() const override { return "cpu"; }
  [[nodiscard]] std::vector<LayerCost> profile() const override { return {{"all", 1.0 * runs_, 10.0 * runs_}}; }

 private:
  int failing_;
  int runs_ = 0;
};

Contender contender(std::shared_ptr<Inpainter> engine, std::string refusal = {}) {
  return {EngineKind::native, Precision::fp32, Isa::automatic, std::move(engine), std::move(refusal)};
}

}  // namespace

TEST_CASE("the failure of a contender does not affect the others") {
  const std::vector<Contender> contenders{contender(std::make_shared<Fake>(100)), contender(std::make_shared<Fake>(3)),
                                          contender(nullptr, "no such device")};
  Pictures pictures(1);
  const auto rows = measure(contenders, pictures, {24, 16}, 2, 3);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].seconds.size() == 3);
  CHECK(rows[0].failure.empty());
  CHECK(rows[0].images_per_s() > 0);
  CHECK(rows[1].failure == "broken");
  CHECK(rows[1].seconds.size() == 1);
  CHECK(rows[2].failure == "no such device");
  CHECK(std::isnan(rows[2].images_per_s()));
}

TEST_CASE("costs are sums over the measured runs, without the first run") {
  const std::vector<Contender> contenders{contender(std::make_shared<Fake>(100))};
  Pictures pictures(1);
  const auto rows = measure(contenders, pictures, {16, 16}, 1, 3);
  REQUIRE(rows[0].costs.size() == 1);
  CHECK(rows[0].costs[0].seconds == 3);
  CHECK(rows[0].costs[0].flops == 30);
}

TEST_CASE("a class of layers that appears later is counted from 0") {
  const auto more = difference({{"a", 5, 50}, {"b", 2, 20}}, {{"a", 3, 30}});
  REQUIRE(more.size() == 2);
  CHECK(more[0].seconds == 2);
  CHECK(more[0].flops == 20);
  CHECK(more[1].seconds == 2);
}

TEST_CASE("ratios are relative to the first row of the same size") {
  const auto row = [](Size size, int batch, double seconds) {
    Row r{.size = size, .batch = batch};
    r.seconds = {seconds};
    return r;
  };
  std::vector<Row> rows{row({256, 256}, 1, 2), row({256, 256}, 4, 4), row({512, 256}, 1, 8)};
  set_ratios(rows);
  CHECK(rows[0].ratio == 1);
  CHECK(rows[1].ratio == 2);
  CHECK(rows[2].ratio == 1);
}

TEST_CASE("pictures differ, are the same for the same seed, and have holes of about a fifth") {
  Pictures pictures(7), same(7), other(8);
  for (Pictures* each : {&pictures, &same, &other}) each->draw({64, 40}, 2);
  CHECK(*pictures.input(0).image == *same.input(0).image);
  CHECK(*pictures.input(0).image != *pictures.input(1).image);
  CHECK(*pictures.input(0).image != *other.input(0).image);
  const auto batch = pictures.batch(2);
  REQUIRE(batch.size() == 2);
  CHECK(batch[1].mask->size() == Size{64, 40});
  const auto hole = bounding_box(pictures.mask(1));
  CHECK(hole.width == 64 * 9 / 20);
  CHECK(hole.height == 40 * 9 / 20);
}

TEST_CASE("the nominal operations of big-lama follow from the definitions of the layers") {
  CHECK(nominal_flops({64, 18, 128, 384}, {512, 512}) == doctest::Approx(440e9).epsilon(0.005));
  CHECK(nominal_flops({64, 18, 128, 384}, {1024, 1024}) == doctest::Approx(2 * 879e9).epsilon(0.005));
  // By hand, at 16x16: 7x7 of 4 -> 1, three halvings, one block of two layers, three doublings, 7x7 of 1 -> 3.
  const LamaShape tiny{1, 1, 2, 6};
  const double encoder = 256 * 49 * 4 + 64 * 9 * 2 + 16 * 9 * 8 + 4 * 9 * 32;
  const double layer = 4 * (9 * (2 * 2 + 2 * 6 + 6 * 2) + 6 * 3 + 3 * 6) + 2 * 2 * 6 * 6;
  const double decoder = 4 * 9 * 32 + 16 * 9 * 8 + 64 * 9 * 2 + 256 * 49 * 3;
  CHECK(nominal_flops(tiny, {16, 16}) == 2 * (encoder + 2 * layer + decoder));
}

}  // namespace inpaintd::tools
