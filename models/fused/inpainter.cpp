// SPDX-License-Identifier: Apache-2.0
#include "models/fused/inpainter.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>

#include "core/units.h"
#include "models/batch.h"
#include "models/check/sample_pictures.h"
#include "models/fused/libraries.h"
#include "models/fused/network.h"
#include "models/fused/runner.h"
#include "models/reference/inpainter.h"
#include "models/torch/inpainter.h"

namespace inpaintd {
namespace {

constexpr float largest_value =
    1024;  // the target of scaling: 1/64 of the largest fp16 number, 2^24 times the smallest normal one

void copy_in(std::span<const NetworkInput> batch, const Pixels* NetworkInput::* which, const at::Tensor& to) {
  auto* out = to.data_ptr<std::uint8_t>();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto& bytes = (batch[i].*which)->bytes;
    std::memcpy(out + i * bytes.size(), bytes.data(), bytes.size());
  }
}

/// Sample pictures as one batch on the device, for measuring ranges.
std::pair<at::Tensor, at::Tensor> sample_tensors(c10::Device device) {
  const SamplePictures pictures;
  const auto batch = pictures.batch();
  const Size size = batch[0].image->size();
  const auto count = static_cast<std::int64_t>(batch.size());
  const at::Tensor image = at::empty({count, size.height, size.width, 3}, at::kByte);
  const at::Tensor mask = at::empty({count, size.height, size.width, 1}, at::kByte);
  copy_in(batch, &NetworkInput::image, image);
  copy_in(batch, &NetworkInput::mask, mask);
  return {image.to(device), mask.to(device)};
}

/// The folded network with its maps scaled to fit a 16-bit type.
FoldedLama scaled_by_samples(const FoldedLama& model, FusedLama& exact, c10::Device device) {
  const auto [image, mask] = sample_tensors(device);
  const Size size{static_cast<int>(image.size(2)), static_cast<int>(image.size(1))};
  ChannelNumbers maxima = channel_numbers(model.shape, 0);
  (void)exact.forward(image, mask, exact.fourier(size), &maxima);
  return scaled(model, scales_for(maxima, largest_value));
}

/// The buffer on the host that the device reads a batch from and writes its predictions to. It serves all shapes, and
/// grows with the largest.
class Staging {
 public:
  struct Views {
    at::Tensor image, mask, pictures, finite;
  };

  void hold(const Shape& shape, const Runner& runner) {
    const auto n = static_cast<std::int64_t>(shape.count), pixels = static_cast<std::int64_t>(shape.pixels());
    if (!bytes_.defined() || bytes_.size(0) < 7 * pixels + n) {
      views_ = {};  // the old buffer is freed first, so that both never exist together
      bytes_ = at::Tensor();
      bytes_ = runner.host_bytes(7 * pixels + n);
    }
    std::int64_t at = 0;
    const auto next = [&](std::int64_t channels) {
      const at::Tensor part = bytes_.narrow(0, at, channels * pixels);
      at += channels * pixels;
      return part.view({n, shape.size.height, shape.size.width, channels});
    };
    views_.image = next(3);
    views_.mask = next(1);
    views_.pictures = next(3);
    views_.finite = bytes_.narrow(0, at, n).view(at::kBool);
  }
  [[nodiscard]] const Views& views() const { return views_; }

 private:
  at::Tensor bytes_;
  Views views_;
};

/// One forward pass for batches of one shape.
class Forward final : public ShapeWork {
 public:
  Forward(FusedLama& network, const Staging& staging, const Shape& shape, c10::Device device)
      : network_(network), staging_(staging), fourier_(network.fourier(shape.size)) {
    const auto bytes = at::TensorOptions(device).dtype(at::kByte);
    const auto n = static_cast<std::int64_t>(shape.count);
    image_ = at::empty({n, shape.size.height, shape.size.width, 3}, bytes);
    mask_ = at::empty({n, shape.size.height, shape.size.width, 1}, bytes);
  }

  void upload() override {
    image_.copy_(staging_.views().image, /*non_blocking=*/true);
    mask_.copy_(staging_.views().mask, /*non_blocking=*/true);
  }
  void compute() override { answer_ = network_.forward(image_, mask_, fourier_); }
  void download() override {
    at::Tensor(staging_.views().pictures).copy_(answer_.pictures, /*non_blocking=*/true);
    at::Tensor(staging_.views().finite).copy_(answer_.finite, /*non_blocking=*/true);
  }

 private:
  const FusedLama& network_;
  const Staging& staging_;
  const FusedLama::Fourier fourier_;
  at::Tensor image_, mask_;
  fused::Finished answer_;
};

class FusedInpainter final : public Inpainter {
 public:
  FusedInpainter(const LamaWeights& weights, c10::Device device, Precision precision, int threads,
                 std::unique_ptr<Runner> runner)
      : device_(device),
        precision_(precision),
        threads_(threads),
        shape_(weights.shape),
        model_(weights.model),
        details_(describe_weights(weights)),
        held_(std::make_unique<Held>()) {
    held_->runner = std::move(runner);
    const FoldedLama folded = fold(weights);
    try {
      held_->runner->prepare([&] {
        held_->exact = std::make_unique<FusedLama>(folded, device, at::kFloat);
        if (precision_ == Precision::fp32) return;
        const FoldedLama in_range = scaled_by_samples(folded, *held_->exact, device);
        held_->fast = std::make_unique<FusedLama>(in_range, device, type_of(precision_));
      });
    } catch (...) {
      leak_if_lost(current_failure());
      throw;
    }
  }

  Result<std::vector<Pixels>, EngineFailure> run(std::span<const NetworkInput> batch) override {
    prepared_ = false;
    if (batch.empty()) return std::vector<Pixels>{};
    if (auto problem = check_batch(batch)) return *std::move(problem);
    if (!held_)
      return EngineFailure{EngineFailure::Kind::device_lost,
                           "the device was lost by an earlier batch; restart the process"};
    if (device_.is_cuda())
      if (auto problem = check_gpu_limits(shape_, batch[0].image->size(), batch.size())) return *std::move(problem);
    auto answers = guarded([&] { return run_checked(batch); });
    if (!answers) leak_if_lost(answers.error());
    return answers;
  }

  [[nodiscard]] bool last_run_prepared() const override { return prepared_; }
  void release_memory() override {
    if (held_) held_->runner->release_memory();
  }

  [[nodiscard]] std::uint64_t retries() const override { return retries_; }
  [[nodiscard]] std::string describe() const override {
    return "native: " + details_ + ", " + device_name() + ", " + precision() + ", " + engine_library();
  }
  [[nodiscard]] std::string model_name() const override { return model_; }
  [[nodiscard]] std::string device_name() const override { return device_.str(); }
  [[nodiscard]] std::string precision() const override { return std::string(name(precision_)); }
  [[nodiscard]] std::string way() const override { return "fused"; }

 private:
  /// Everything in the device's memory or shared with it.
  struct Held {
    std::unique_ptr<FusedLama> exact;
    std::unique_ptr<FusedLama> fast;  ///< in 16 bits; null if the precision is fp32
    Staging staging;
    std::unique_ptr<Runner> runner;
  };

  Result<std::vector<Pixels>, EngineFailure> run_checked(std::span<const NetworkInput> batch) {
    const c10::InferenceMode inference;
    at::set_num_threads(threads_);
    const Shape shape{batch[0].image->size(), batch.size()};
    Staging& staging = held_->staging;
    staging.hold(shape, *held_->runner);
    copy_in(batch, &NetworkInput::image, staging.views().image);
    copy_in(batch, &NetworkInput::mask, staging.views().mask);
    FusedLama& network = held_->fast ? *held_->fast : *held_->exact;
    prepared_ = held_->runner->run(shape, [&]() -> std::unique_ptr<ShapeWork> {
      return std::make_unique<Forward>(network, staging, shape, device_);
    });
    std::vector<Pixels> answers;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      answers.push_back(picture(staging.views().pictures, i));
      if (is_finite(staging.views().finite, i)) continue;
      auto again = retry(batch[i]);
      if (!again) return not_finite(i);
      answers.back() = *std::move(again);
    }
    return answers;
  }

  /// Computes a picture once more in fp32, whose range is larger. Returns nothing if the prediction is not finite in
  /// fp32 either.
  std::optional<Pixels> retry(const NetworkInput& input) {
    if (!held_->fast) return std::nullopt;
    ++retries_;
    prepared_ = true;
    const Size size = input.image->size();
    const at::Tensor image = at::empty({1, size.height, size.width, 3}, at::kByte);
    const at::Tensor mask = at::empty({1, size.height, size.width, 1}, at::kByte);
    copy_in({&input, 1}, &NetworkInput::image, image);
    copy_in({&input, 1}, &NetworkInput::mask, mask);
    at::Tensor pictures, finite;
    held_->runner->run([&] {
      const auto fourier = held_->exact->fourier(size);
      const auto answer = held_->exact->forward(image.to(device_), mask.to(device_), fourier);
      pictures = answer.pictures.to(at::kCPU);
      finite = answer.finite.to(at::kCPU).view(at::kByte);
    });
    return is_finite(finite, 0) ? std::optional(picture(pictures, 0)) : std::nullopt;
  }

  /// Leaks the device's objects after its loss, because their destructors would throw. The end of the process frees
  /// them.
  void leak_if_lost(const EngineFailure& failure) {
    if (failure.kind != EngineFailure::Kind::device_lost) return;
    static std::mutex mutex;
    static auto* const leaked = new std::vector<std::unique_ptr<Held>>;  // never freed, but reachable for leak checkers
    const std::lock_guard lock(mutex);
    leaked->push_back(std::move(held_));
  }

  static bool is_finite(const at::Tensor& flags, std::size_t i) {
    return static_cast<const std::uint8_t*>(flags.data_ptr())[i] != 0;
  }

  static Pixels picture(const at::Tensor& pictures, std::size_t i) {
    Pixels picture(static_cast<int>(pictures.size(2)), static_cast<int>(pictures.size(1)), 3);
    std::memcpy(picture.bytes.data(), pictures.data_ptr<std::uint8_t>() + i * picture.bytes.size(),
                picture.bytes.size());
    return picture;
  }

  c10::Device device_;
  Precision precision_;
  int threads_;
  LamaShape shape_;
  std::string model_;
  std::string details_;
  std::unique_ptr<Held> held_;  ///< null once the device is lost
  std::uint64_t retries_ = 0;
  bool prepared_ = false;
};

}  // namespace

std::optional<EngineFailure> check_gpu_limits(const LamaShape& network, Size size, std::size_t count) {
  constexpr std::int64_t elements_max = std::numeric_limits<std::int32_t>::max();
  constexpr std::int64_t products_max = 65535;
  const auto n = static_cast<std::int64_t>(count);
  const std::int64_t elements = n * (size.height + 6) * (size.width + 6) * network.ngf;  // the last layer's input
  const std::int64_t products = n * size.height / 8;                                     // rows of the deepest maps
  if (elements <= elements_max && products <= products_max) return std::nullopt;
  return EngineFailure{
      EngineFailure::Kind::out_of_memory,
      fmt::format("{} x {} pixels are more than one batch may have on a CUDA device: maps of {} elements "
                  "(at most {}), {} products (at most {})",
                  count, size_text(size), elements, elements_max, products, products_max)};
}

Result<std::unique_ptr<Inpainter>, EngineFailure> make_fused_lama(const LamaWeights& weights, const std::string& device,
                                                                  Precision precision, int threads,
                                                                  const Runner::Warn& warn) {
  const auto place = find_device(device);
  if (!place) return place.error();
  return guarded(
      [&] { return make_fused_lama(weights, *place, precision, threads, std::make_unique<Runner>(*place, warn)); });
}

Result<std::unique_ptr<Inpainter>, EngineFailure> make_fused_lama(const LamaWeights& weights, c10::Device device,
                                                                  Precision precision, int threads,
                                                                  std::unique_ptr<Runner> runner) {
  return guarded([&]() -> Result<std::unique_ptr<Inpainter>, EngineFailure> {
    const c10::InferenceMode inference;
    set_up_libraries();
    at::set_num_threads(thread_count(threads));
    return std::unique_ptr<Inpainter>(
        std::make_unique<FusedInpainter>(weights, device, precision, thread_count(threads), std::move(runner)));
  });
}

}  // namespace inpaintd
