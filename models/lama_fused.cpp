// SPDX-License-Identifier: Apache-2.0
#include "models/lama_fused.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <list>
#include <optional>
#include <utility>

#include "models/batch.h"
#include "models/fused_lama.h"
#include "models/lama.h"
#include "models/runner.h"
#include "models/sample_pictures.h"
#include "models/torch_engine.h"

namespace inpaintd {
namespace {

constexpr float largest_value = 1024;    // what scaling aims at: 64 times below fp16's end, 2^24 above its resolution
constexpr std::size_t shapes_kept = 24;  // recorded sizes and counts; more would keep memory for what is seldom asked

at::ScalarType type_of(const std::string& precision) {
  if (precision == "fp16") return at::kHalf;
  return precision == "bf16" ? at::kBFloat16 : at::kFloat;
}

/// Products of fp16 add up in fp32 to the end. LibTorch 2.9 turned the setting's bool into an enum.
template <class Context>
void keep_sums_wide(Context& context) {
  if constexpr (requires { context.setAllowFP16ReductionCuBLAS(false); }) {
    context.setAllowFP16ReductionCuBLAS(false);
  } else {
    using Option = decltype(context.allowFP16ReductionCuBLAS());
    context.setAllowFP16ReductionCuBLAS(Option::DisallowReducedPrecisionAllowSplitK);
  }
}

/// Counts for which work is recorded: few, so that recordings are found again, and round, as matrix units like it.
std::size_t rounded_up(std::size_t count) { return std::bit_ceil(count); }

void copy_in(std::span<const NetworkInput> batch, const Pixels* NetworkInput::*which, const at::Tensor& to) {
  auto* out = to.data_ptr<std::uint8_t>();
  for (std::size_t i = 0; i < static_cast<std::size_t>(to.size(0)); ++i) {
    const auto& bytes = (batch[std::min(i, batch.size() - 1)].*which)->bytes;  // the last one fills up the batch
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
FoldedLama scaled_by_samples(const FoldedLama& model, c10::Device device) {
  const auto [image, mask] = sample_tensors(device);
  ChannelNumbers maxima = channel_numbers(model.shape, 0);
  (void)FusedLama(model, device, at::kFloat).forward(image, mask, &maxima);
  return scaled(model, scales_for(maxima, largest_value));
}

class FusedInpainter final : public Inpainter {
 public:
  FusedInpainter(const LamaWeights& weights, c10::Device device, std::string precision, int threads)
      : device_(device),
        precision_(std::move(precision)),
        threads_(threads),
        model_(weights.model),
        details_(describe_weights(weights)),
        runner_(make_runner(device)) {
    const FoldedLama folded = fold(weights);
    exact_ = std::make_unique<FusedLama>(folded, device, at::kFloat);
    if (precision_ != "fp32")
      fast_ = std::make_unique<FusedLama>(scaled_by_samples(folded, device), device, type_of(precision_));
  }

  Result<std::vector<Pixels>, EngineFailure> run(std::span<const NetworkInput> batch) override {
    if (batch.empty()) return std::vector<Pixels>{};
    if (auto problem = check_batch(batch)) return *std::move(problem);
    return guarded([&] { return run_checked(batch); });
  }

  void release_memory() override {
    prepared_.clear();
    runner_->release_memory();
  }

  [[nodiscard]] std::size_t padded_count(std::size_t count) const override { return rounded_up(count); }
  [[nodiscard]] std::uint64_t retries() const override { return retries_; }
  [[nodiscard]] std::string describe() const override {
    return "native: " + details_ + ", " + device_name() + ", " + precision_ + ", " + engine_library();
  }
  [[nodiscard]] std::string model_name() const override { return model_; }
  [[nodiscard]] std::string device_name() const override { return device_.str(); }

 private:
  /// The tensors that recorded work reads and writes, for one size and count.
  struct Prepared {
    Size size;
    std::size_t count = 0;
    at::Tensor host_image, host_mask, host_pictures, host_finite;
    at::Tensor image, mask;
    fused::Finished answer;
    Runner::Work repeat;
  };

  Result<std::vector<Pixels>, EngineFailure> run_checked(std::span<const NetworkInput> batch) {
    const c10::InferenceMode inference;
    at::set_num_threads(threads_);
    Prepared& p = prepared(batch[0].image->size(), rounded_up(batch.size()));
    copy_in(batch, &NetworkInput::image, p.host_image);
    copy_in(batch, &NetworkInput::mask, p.host_mask);
    runner_->run([&] {
      p.image.copy_(p.host_image, /*non_blocking=*/true);
      p.mask.copy_(p.host_mask, /*non_blocking=*/true);
      p.repeat();
      p.host_pictures.copy_(p.answer.pictures, /*non_blocking=*/true);
      p.host_finite.copy_(p.answer.finite, /*non_blocking=*/true);
    });
    std::vector<Pixels> answers;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      answers.push_back(picture(p.host_pictures, i));
      if (is_finite(p.host_finite, i)) continue;
      auto again = retry(batch[i]);
      if (!again) return not_finite(i);
      answers.back() = *std::move(again);
    }
    return answers;
  }

  /// Once more in fp32: what the type could not hold, that can; what the weights themselves spoil stays so.
  std::optional<Pixels> retry(const NetworkInput& input) {
    if (!fast_) return std::nullopt;
    ++retries_;
    const Size size = input.image->size();
    const at::Tensor image = at::empty({1, size.height, size.width, 3}, at::kByte);
    const at::Tensor mask = at::empty({1, size.height, size.width, 1}, at::kByte);
    copy_in({&input, 1}, &NetworkInput::image, image);
    copy_in({&input, 1}, &NetworkInput::mask, mask);
    fused::Finished answer;
    runner_->run([&] { answer = exact_->forward(image.to(device_), mask.to(device_)); });
    if (!is_finite(answer.finite.to(at::kCPU).view(at::kByte), 0)) return std::nullopt;
    return picture(answer.pictures.to(at::kCPU), 0);
  }

  Prepared& prepared(Size size, std::size_t count) {
    const auto fits = [&](const Prepared& p) { return p.size == size && p.count == count; };
    if (const auto found = std::find_if(prepared_.begin(), prepared_.end(), fits); found != prepared_.end())
      prepared_.splice(prepared_.begin(), prepared_, found);  // the most recent first
    else
      prepare(size, count);
    return prepared_.front();
  }

  void prepare(Size size, std::size_t count) {
    while (prepared_.size() >= shapes_kept) prepared_.pop_back();
    const auto n = static_cast<std::int64_t>(count);
    const auto bytes = [&](std::int64_t channels) {
      return std::vector<std::int64_t>{n, size.height, size.width, channels};
    };
    const auto on_device = at::TensorOptions(device_).dtype(at::kByte);
    Prepared p{size,
               count,
               runner_->host_bytes(bytes(3)),
               runner_->host_bytes(bytes(1)),
               runner_->host_bytes(bytes(3)),
               runner_->host_bytes({n}).view(at::kBool),
               at::zeros(bytes(3), on_device),
               at::zeros(bytes(1), on_device),
               {},
               {}};
    FusedLama& network = fast_ ? *fast_ : *exact_;
    network.prepare(size);
    prepared_.push_front(std::move(p));
    try {
      Prepared& kept = prepared_.front();
      kept.repeat = runner_->record([&network, &kept] { kept.answer = network.forward(kept.image, kept.mask); });
    } catch (...) {
      prepared_.pop_front();
      throw;
    }
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
  std::string precision_;
  int threads_;
  std::string model_;
  std::string details_;
  std::unique_ptr<Runner> runner_;
  std::unique_ptr<FusedLama> exact_;
  std::unique_ptr<FusedLama> fast_;  ///< in 16 bits; null where fp32 was asked for
  std::list<Prepared> prepared_;
  std::uint64_t retries_ = 0;
};

}  // namespace

Result<std::unique_ptr<Inpainter>, EngineFailure> make_fused_lama(const LamaWeights& weights, const std::string& device,
                                                                  const std::string& precision, int threads) {
  const auto place = find_device(device);
  if (!place) return place.error();
  return guarded([&]() -> Result<std::unique_ptr<Inpainter>, EngineFailure> {
    const c10::InferenceMode inference;
    at::globalContext().setAllowTF32CuDNN(false);  // on by default, and fp32 only by name
    keep_sums_wide(at::globalContext());
    at::globalContext().setBenchmarkCuDNN(place->is_cuda());
    at::set_num_threads(thread_count(threads));
    return std::unique_ptr<Inpainter>(
        std::make_unique<FusedInpainter>(weights, *place, precision, thread_count(threads)));
  });
}

}  // namespace inpaintd
