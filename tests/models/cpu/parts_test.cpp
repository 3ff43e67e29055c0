// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <atomic>
#include <random>
#include <vector>

#include "models/cpu/engine.h"
#include "models/cpu/fft_plan.h"
#include "models/cpu/memory.h"
#include "models/cpu/pool.h"
#include "tests/models/reference.h"

namespace inpaintd::cpu {
namespace {

std::vector<const Kernels*> runnable_kernels() {
  std::vector<const Kernels*> list{&portable_kernels()};
  if (is_supported(Isa::avx2)) list.push_back(&avx2_kernels());
  if (is_supported(Isa::avx512)) list.push_back(&avx512_kernels());
  return list;
}

/// The largest error, in the forward spectrum and after the inverse of an arbitrary one, over all channels of a block.
double spectrum_error(const Kernels& kernels, int height, int width) {
  const auto block = static_cast<std::size_t>(kernels.width);
  const std::size_t pixels = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  const std::size_t columns = static_cast<std::size_t>(width / 2 + 1);
  const std::size_t bins = static_cast<std::size_t>(height) * columns;
  const FftPlan rows(width), lines(height);
  std::vector<float> image(pixels * block), re(bins * block), im(bins * block);
  std::vector<float> scratch((10 * static_cast<std::size_t>(std::max(width, height)) + 8) * block);
  std::mt19937 bits(static_cast<unsigned>(height * 1000 + width));
  reference::Map map(kernels.width, height, width);
  for (std::size_t i = 0; i < image.size(); ++i) {
    image[i] = static_cast<float>(bits() >> 8) * 0x1p-23F - 1;
    const int pixel = static_cast<int>(i / block);
    map.at(static_cast<int>(i % block), pixel / width, pixel % width) = image[i];
  }
  const double norm = std::sqrt(static_cast<double>(pixels));
  const SpectrumArgs args{&rows.fft(),   &lines.fft(), image.data(), re.data(), im.data(), static_cast<float>(1 / norm),
                          scratch.data()};
  kernels.spectrum_forward(args);
  double worst = 0;
  for (std::size_t c = 0; c < block; ++c) {
    const auto expected = reference::forward_dft(map, static_cast<int>(c));
    for (std::size_t i = 0; i < bins; ++i)
      worst = std::max(worst, std::abs(std::complex<double>(re[i * block + c], im[i * block + c]) - expected[i]));
  }
  std::vector<reference::Spectrum> spectra(block, reference::Spectrum(bins));
  for (std::size_t i = 0; i < re.size(); ++i) {
    re[i] = static_cast<float>(bits() >> 8) * 0x1p-23F - 1;
    im[i] = static_cast<float>(bits() >> 8) * 0x1p-23F - 1;
    spectra[i % block][i / block] = {re[i], im[i]};
  }
  kernels.spectrum_inverse(args);
  for (std::size_t c = 0; c < block; ++c) {
    const auto expected = reference::inverse_dft(spectra[c], height, width);
    for (std::size_t i = 0; i < pixels; ++i)
      worst = std::max(worst, std::abs(image[i * block + c] / norm - expected[i]));
  }
  return worst;
}

}  // namespace

TEST_CASE("the Fourier transforms follow the definition for every length, prime ones too") {
  for (const Kernels* kernels : runnable_kernels()) {
    CAPTURE(kernels->name);
    for (int length = 2; length <= 34; ++length) {
      CAPTURE(length);
      CHECK(spectrum_error(*kernels, length, 6) < 1e-5);
      CHECK(spectrum_error(*kernels, 3, length) < 1e-5);
    }
    CHECK(spectrum_error(*kernels, 64, 64) < 1e-5);
    CHECK(spectrum_error(*kernels, 49, 121) < 1e-5);
    CHECK(spectrum_error(*kernels, 2, 127) < 1e-5);
    CHECK(spectrum_error(*kernels, 256, 5) < 1e-5);
  }
}

TEST_CASE("a pool runs every unit of every job exactly once, with valid worker indices") {
  for (const int threads : {1, 2, 5}) {
    Pool pool(threads);
    CHECK(pool.threads() == threads);
    for (int units = 0; units < 300; ++units) {
      std::vector<std::atomic<int>> runs(static_cast<std::size_t>(units));
      std::atomic<bool> strange{false};
      pool.parallel(units, [&](int unit, int worker) {
        if (worker < 0 || worker >= threads) strange = true;
        ++runs[static_cast<std::size_t>(unit)];
      });
      CHECK_FALSE(strange);
      for (const auto& count : runs) REQUIRE(count == 1);
    }
  }
}

TEST_CASE("several pools work at the same time") {
  std::atomic<int> total{0};
  std::vector<std::thread> owners;
  for (int i = 0; i < 3; ++i)
    owners.emplace_back([&total] {
      Pool pool(3);
      for (int job = 0; job < 50; ++job) pool.parallel(7, [&](int, int) { ++total; });
    });
  for (auto& owner : owners) owner.join();
  CHECK(total == 3 * 50 * 7);
}

TEST_CASE("an arena plan reuses released memory, and gives no memory to two tensors at once") {
  ArenaPlan plan;
  const auto a = plan.take(100);  // rounded up to 112, whole cache lines
  const auto b = plan.take(16);
  CHECK(a == 0);
  CHECK(b == 112);
  plan.release(a);
  CHECK(plan.take(113) == 128);  // does not fit into a's memory
  CHECK(plan.take(48) == 0);
  CHECK(plan.take(64) == 48);
  CHECK(plan.peak() == 256);
}

TEST_CASE("the pieces of a store are zeroed, disjoint and aligned to cache lines, for any size") {
  Store store;
  float* const small = store.take(3);
  float* const large = store.take(std::size_t{20} << 20);
  float* const next = store.take(1);
  for (float* p : {small, large, next}) CHECK(reinterpret_cast<std::uintptr_t>(p) % 64 == 0);
  CHECK(large[(std::size_t{20} << 20) - 1] == 0);
  small[2] = 1;
  next[0] = 2;
  CHECK(large[0] == 0);
  CHECK(store.bytes() == (16 + (std::size_t{20} << 20) + 16) * 4);
}

}  // namespace inpaintd::cpu
