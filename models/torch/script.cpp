// SPDX-License-Identifier: Apache-2.0
#include "models/torch/script.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <fmt/format.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/version.h>

#include <filesystem>
#include <optional>
#include <utility>

#include "models/batch.h"
#include "models/files/torch_archive.h"
#include "models/reference/inpainter.h"
#include "models/torch/inpainter.h"
#include "models/torch/script_export.h"
#include "models/torch/script_module.h"

namespace inpaintd {
namespace {

using Made = Result<std::unique_ptr<Inpainter>, EngineFailure>;

constexpr int probe_side = 64;
constexpr float probe_answer_max = 16;  // beyond any overshoot of 0..1, below anything meant as 0..255

EngineFailure refused(const std::string& model, const std::string& why) {
  return {EngineFailure::Kind::failed, "TorchScript model " + model + ": " + why};
}

/// RAII: the calling thread's CUDA products and convolutions run in fp16, as under torch.autocast.
class Autocast {
 public:
  Autocast() { enable(true); }
  ~Autocast() { enable(false); }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  static void enable(bool on) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
    at::autocast::set_autocast_enabled(at::kCUDA, on);
#else
    at::autocast::set_enabled(on);
#endif
    if (!on) at::autocast::clear_cache();
  }
};

std::optional<EngineFailure> check_precision(const EngineOptions& options) {
  if (options.precision == Precision::automatic || options.precision == Precision::fp32) return std::nullopt;
  if (options.precision == Precision::fp16 && options.device != "cpu") return std::nullopt;
  return EngineFailure{EngineFailure::Kind::failed,
                       fmt::format("the script engine has no precision {} on {}; use fp32, or on a CUDA device fp16",
                                   name(options.precision), options.device)};
}

c10::IValue call(torch::jit::Module& module, const at::Tensor& image, const at::Tensor& mask) {
  // The profiling executor would take seconds for each of the first two calls, and again for every new size. The
  // setting is the calling thread's, and ends with the call, because no module can be compiled under it.
  const torch::jit::GraphOptimizerEnabledGuard without_profiling(false);
  return module.forward({image, mask});
}

/// Runs one grey picture, so that a module that fails at every request is refused at start.
std::optional<EngineFailure> probe(torch::jit::Module& module, const std::string& name, c10::Device device) {
  const c10::InferenceMode inference;
  const at::Tensor image = at::full({1, 3, probe_side, probe_side}, 0.5, at::TensorOptions(device));
  const at::Tensor mask = at::zeros({1, 1, probe_side, probe_side}, at::TensorOptions(device));
  mask.slice(2, 16, 48).slice(3, 16, 48).fill_(1);
  const c10::IValue answer = call(module, image, mask);
  if (!answer.isTensor()) return refused(name, "forward(image, mask) must return one tensor, not " + answer.tagKind());
  if (answer.toTensor().sizes() != image.sizes())
    return refused(name, "forward answered an image of shape " + c10::str(image.sizes()) + " with shape " +
                             c10::str(answer.toTensor().sizes()));
  if (answer.toTensor().abs().max().item<float>() > probe_answer_max)
    return refused(name,
                   "the values that forward returns are not in 0..1; wrap the module in one that divides them by 255");
  return std::nullopt;
}

std::optional<EngineFailure> check_forward(const torch::jit::Module& module, const std::string& name) {
  const auto method = module.find_method("forward");
  if (!method) return refused(name, "the module has no forward method");
  std::size_t required = 0;
  for (const auto& argument : method->function().getSchema().arguments())
    if (!argument.default_value()) ++required;
  if (required != 3 && method->function().getSchema().arguments().size() != 3)  // self, image, mask
    return refused(name, "forward must take (image, mask), but is " + c10::str(method->function().getSchema()));
  return std::nullopt;
}

Made make(torch::jit::Module module, TorchEngine engine) {
  const c10::InferenceMode inference(false);
  if (auto problem = check_forward(module, engine.model)) return *std::move(problem);
  at::set_num_threads(engine.threads);
  std::shared_ptr<torch::jit::Module> frozen;
  std::optional<EngineFailure> problem;
  engine.runner->prepare([&] {
    module.to(engine.device);
    module.eval();
    frozen = std::make_shared<torch::jit::Module>(torch::jit::freeze(module));
    problem = probe(*frozen, engine.model, engine.device);
  });
  if (problem) return *std::move(problem);
  engine.forward = [frozen, half = engine.precision == "fp16"](const at::Tensor& image, const at::Tensor& mask) {
    std::optional<Autocast> autocast;
    if (half) autocast.emplace();
    return call(*frozen, image, mask).toTensor().to(at::kFloat);
  };
  return make_torch_inpainter(std::move(engine));
}

template <class Load>
Made make_on_device(const EngineOptions& options, const std::string& model, const std::string& details,
                    const Load& load) {
  if (auto problem = check_precision(options)) return *std::move(problem);
  const auto place = find_device(options.device);
  if (!place) return place.error();
  return guarded([&]() -> Made {
    at::globalContext().setAllowTF32CuDNN(false);  // it is on by default, and has 10 bits of mantissa only
    return make(load(), {.kind = "script",
                         .model = model,
                         .details = details,
                         .device = *place,
                         .threads = thread_count(options.threads),
                         .precision = options.precision == Precision::fp16 ? "fp16" : "fp32",
                         .way = "script",
                         .runner = std::make_shared<Runner>(*place)});
  });
}

}  // namespace

bool is_script_file(const std::string& path) { return is_torchscript(path); }

Made make_script_inpainter(const std::string& path, const EngineOptions& options) {
  return make_on_device(options, std::filesystem::path(path).stem().string(), "TorchScript module from " + path,
                        [&] { return torch::jit::load(path, c10::kCPU); });
}

Made make_script_inpainter(LamaWeights weights, const EngineOptions& options) {
  return make_on_device(options, weights.model, describe_weights(weights), [&] { return make_script_module(weights); });
}

}  // namespace inpaintd
