// SPDX-License-Identifier: Apache-2.0
#include "models/torch/inpainter.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <algorithm>
#include <utility>

#include "core/network_input.h"
#include "models/batch.h"

namespace inpaintd {
namespace {

using Kind = EngineFailure::Kind;

at::Tensor bytes_tensor(std::span<const NetworkInput> batch, const Pixels* NetworkInput::* which) {
  const Pixels& first = *(batch[0].*which);
  const std::vector<std::int64_t> shape{first.height, first.width, first.channels};
  std::vector<at::Tensor> pictures;
  for (const NetworkInput& input : batch) {
    auto* bytes = const_cast<std::uint8_t*>((input.*which)->bytes.data());  // read only: stack() copies
    pictures.push_back(at::from_blob(bytes, shape, at::kByte));
  }
  return at::stack(pictures).permute({0, 3, 1, 2});
}

/// [N,3,H,W] in 0..1 -> pictures; 8-bit values are truncated, which leaves every k / 255 at k.
std::vector<Pixels> to_pixels(const at::Tensor& prediction) {
  const at::Tensor bytes =
      prediction.clamp(0, 1).mul_(255).to(at::kByte).permute({0, 2, 3, 1}).contiguous().to(at::kCPU);
  const auto height = static_cast<int>(bytes.size(1)), width = static_cast<int>(bytes.size(2));
  std::vector<Pixels> pictures;
  for (std::int64_t i = 0; i < bytes.size(0); ++i) {
    Pixels& picture = pictures.emplace_back(width, height, 3);
    const auto* begin = bytes[i].data_ptr<std::uint8_t>();
    std::copy(begin, begin + picture.bytes.size(), picture.bytes.begin());
  }
  return pictures;
}

std::optional<EngineFailure> check_shape(const at::Tensor& prediction, std::span<const NetworkInput> batch) {
  const Size size = batch[0].image->size();
  const std::vector<std::int64_t> expected{static_cast<std::int64_t>(batch.size()), 3, size.height, size.width};
  if (prediction.sizes() == at::IntArrayRef(expected)) return std::nullopt;
  return EngineFailure{Kind::failed, "the model returned shape " + c10::str(prediction.sizes()) + " instead of " +
                                         c10::str(at::IntArrayRef(expected))};
}

/// The indices of the predictions that hold NaN or Inf.
std::vector<std::int64_t> not_finite_in(const at::Tensor& predictions) {
  const at::Tensor finite = at::isfinite(predictions).flatten(1).all(1).to(at::kCPU);
  std::vector<std::int64_t> indices;
  for (std::int64_t i = 0; i < finite.size(0); ++i)
    if (!finite[i].item<bool>()) indices.push_back(i);
  return indices;
}

class TorchInpainter final : public Inpainter {
 public:
  explicit TorchInpainter(TorchEngine engine) : engine_(std::move(engine)) {}

  Result<std::vector<Pixels>, EngineFailure> run(std::span<const NetworkInput> batch) override {
    if (batch.empty()) return std::vector<Pixels>{};
    if (auto problem = check_batch(batch, engine_.side_multiple)) return *std::move(problem);
    return guarded([&] { return run_checked(batch); });
  }

  void release_memory() override { engine_.runner->release_memory(); }

  [[nodiscard]] std::uint64_t retries() const override { return retries_; }
  [[nodiscard]] std::string describe() const override {
    return engine_.kind + ": " + engine_.details + ", " + device_name() + ", " + engine_.precision + ", " +
           std::to_string(engine_.threads) + (engine_.threads == 1 ? " thread, " : " threads, ") + engine_library();
  }
  [[nodiscard]] std::string model_name() const override { return engine_.model; }
  [[nodiscard]] std::string device_name() const override { return engine_.device.str(); }
  [[nodiscard]] std::string precision() const override { return engine_.precision; }
  [[nodiscard]] std::string way() const override { return engine_.way; }

 private:
  Result<std::vector<Pixels>, EngineFailure> run_checked(std::span<const NetworkInput> batch) {
    const c10::InferenceMode inference;
    at::set_num_threads(engine_.threads);  // a setting of the calling thread, 1 by default
    Result<std::vector<Pixels>, EngineFailure> answers = std::vector<Pixels>{};
    engine_.runner->run([&] {
      const at::Tensor image = bytes_tensor(batch, &NetworkInput::image).to(engine_.device).to(at::kFloat).div_(255);
      const at::Tensor mask = bytes_tensor(batch, &NetworkInput::mask).to(engine_.device).gt(hole_above).to(at::kFloat);
      at::Tensor predictions = engine_.forward(image, mask);
      auto problem = check_shape(predictions, batch);
      if (!problem) problem = retry(image, mask, predictions);
      if (problem)
        answers = *std::move(problem);
      else
        answers = to_pixels(predictions);
    });
    return answers;
  }

  /// Computes the predictions that are not finite once more in fp32, whose range is larger. Returns the failure of the
  /// first one that is not finite in fp32 either.
  std::optional<EngineFailure> retry(const at::Tensor& image, const at::Tensor& mask, at::Tensor& predictions) {
    for (const std::int64_t i : not_finite_in(predictions)) {
      if (!engine_.exact) return not_finite(static_cast<std::size_t>(i));
      ++retries_;
      const at::Tensor again = engine_.exact(image.narrow(0, i, 1), mask.narrow(0, i, 1));
      if (!not_finite_in(again).empty()) return not_finite(static_cast<std::size_t>(i));
      predictions.narrow(0, i, 1).copy_(again);
    }
    return std::nullopt;
  }

  TorchEngine engine_;
  std::uint64_t retries_ = 0;
};

}  // namespace

std::unique_ptr<Inpainter> make_torch_inpainter(TorchEngine engine) {
  return std::make_unique<TorchInpainter>(std::move(engine));
}

Result<c10::Device, EngineFailure> find_device(const std::string& name) {
  if (name == "cpu") return c10::Device(c10::kCPU);
  const auto devices = available_devices();
  if (std::find(devices.begin(), devices.end(), name) != devices.end()) return c10::Device(name);
  return EngineFailure{Kind::failed,
                       fmt::format("device \"{}\" is not available; this build on this machine offers: {}", name,
                                   fmt::join(devices, ", "))};
}

std::vector<std::string> available_devices() {
  std::vector<std::string> devices;
  const auto gpus = guarded([]() -> Result<std::size_t, EngineFailure> { return torch::cuda::device_count(); });
  for (std::size_t i = 0; gpus && i < *gpus; ++i) devices.push_back("cuda:" + std::to_string(i));
  devices.emplace_back("cpu");
  return devices;
}

bool built_for_cuda() {
#ifdef INPAINTD_CUDA
  return true;
#else
  return false;
#endif
}

std::string engine_library() { return "LibTorch " TORCH_VERSION; }

}  // namespace inpaintd
