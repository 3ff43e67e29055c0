// SPDX-License-Identifier: Apache-2.0
#include "tools/lama_bench/memory.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "tools/lama_bench/pictures.h"

namespace inpaintd::tools {
namespace {

constexpr std::size_t chunk = std::size_t{4} << 20;

/// Keeps or frees the chunk of memory that each run allocates.
class Fake final : public Inpainter {
 public:
  explicit Fake(bool keeps) : keeps_(keeps) {}

  Result<std::vector<Pixels>, EngineFailure> run(std::span<const NetworkInput> batch) override {
    if (!keeps_) kept_.clear();
    kept_.emplace_back(chunk, 'x');
    return std::vector<Pixels>{*batch[0].image};
  }
  [[nodiscard]] std::string describe() const override { return "fake"; }
  [[nodiscard]] std::string model_name() const override { return "fake"; }
  [[nodiscard]] std::string device_name() const override { return "cpu"; }

 private:
  bool keeps_;
  std::vector<std::string> kept_;
};

Soak soak(bool keeps) {
  BenchOptions options;
  options.sizes = {{16, 16}};
  options.soak = 10;
  const std::vector<Contender> contenders{
      {EngineKind::native, Precision::fp32, Isa::automatic, std::make_shared<Fake>(keeps), {}}};
  Soak result;
  measure_soak(options, contenders, [&](const Soak& each) { result = each; });
  return result;
}

}  // namespace

TEST_CASE("the peak of a child process does not change that of its parent") {
  REQUIRE(reset_peak());
  const std::size_t before = resident_bytes_peak();
  const auto child = in_child([] {
    const std::string much(16 * chunk, 'x');
    return much.back() == 'x' ? resident_bytes_peak() : 0;
  });
  REQUIRE(child);
  CHECK(*child >= 16 * chunk);
  CHECK(resident_bytes_peak() < before + 16 * chunk);
  CHECK(resident_bytes() <= resident_bytes_peak());
}

TEST_CASE("a child process that throws has no result") {
  CHECK_FALSE(in_child([]() -> std::size_t { throw std::runtime_error("this is expected"); }));
}

TEST_CASE("a soak distinguishes memory that grows from memory that is used again") {
  const Soak growing = soak(true);
  CHECK(growing.forwards == 10);
  CHECK(growing.after >= growing.before + 9 * chunk);
  CHECK(growing.grew());
  CHECK_FALSE(soak(false).grew());
}

TEST_CASE("growth is more than a thousandth plus 1 MiB") {
  constexpr std::size_t before = 2'000'000'000, allowed = 2'000'000 + (1 << 20);
  CHECK_FALSE(Soak{.before = before, .after = before + allowed}.grew());
  CHECK(Soak{.before = before, .after = before + allowed + 1}.grew());
}

TEST_CASE("the forward pass of each contender is measured in a process of its own") {
  BenchOptions options;
  options.model = "random:4,1";
  options.threads = 1;
  options.sizes = {{16, 16}};
  std::vector<MemoryPeak> peaks;
  measure_memory(options, list_contenders(options), [&](const MemoryPeak& peak) { peaks.push_back(peak); });
  REQUIRE(peaks.size() == 2);
  for (const MemoryPeak& peak : peaks) {
    REQUIRE(peak.bytes);
    CHECK(*peak.bytes > std::size_t{1} << 20);
  }
}

}  // namespace inpaintd::tools
