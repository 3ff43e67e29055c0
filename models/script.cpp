// SPDX-License-Identifier: Apache-2.0
#include "models/script.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/serialization/import.h>

#include <filesystem>
#include <utility>

#include "models/batch.h"
#include "models/lama.h"
#include "models/script_export.h"
#include "models/script_module.h"
#include "models/torch_archive.h"
#include "models/torch_engine.h"

namespace inpaintd {
namespace {

using Made = Result<std::unique_ptr<Inpainter>, EngineFailure>;

constexpr int probe_side = 64;
constexpr float probe_answer_max = 16;  // beyond any overshoot of 0..1, below anything meant as 0..255

EngineFailure refused(const std::string& model, const std::string& why) {
  return {EngineFailure::Kind::failed, "TorchScript model " + model + ": " + why};
}

c10::IValue call(torch::jit::Module& module, const at::Tensor& image, const at::Tensor& mask) {
  // The profiling executor would spend seconds on each of the first two calls, and again at every new size. The setting
  // belongs to the calling thread, and must not outlive the call: compiling another module under it would fail.
  const torch::jit::GraphOptimizerEnabledGuard without_profiling(false);
  return module.forward({image, mask});
}

/// Runs one grey picture, to refuse at start what would fail at every request.
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
    return refused(name, "its answers are not in 0..1; wrap it in a module that divides them by 255");
  return std::nullopt;
}

std::optional<EngineFailure> check_forward(const torch::jit::Module& module, const std::string& name) {
  const auto method = module.find_method("forward");
  if (!method) return refused(name, "it has no forward method");
  std::size_t required = 0;
  for (const auto& argument : method->function().getSchema().arguments())
    if (!argument.default_value()) ++required;
  if (required != 3 && method->function().getSchema().arguments().size() != 3)  // self, image, mask
    return refused(name, "its forward must take (image, mask), but is " + c10::str(method->function().getSchema()));
  return std::nullopt;
}

Made make(torch::jit::Module module, TorchEngine engine) {
  const c10::InferenceMode inference(false);
  if (auto problem = check_forward(module, engine.model)) return *std::move(problem);
  module.to(engine.device);
  module.eval();
  auto frozen = std::make_shared<torch::jit::Module>(torch::jit::freeze(module));
  at::set_num_threads(engine.threads);
  if (auto problem = probe(*frozen, engine.model, engine.device)) return *std::move(problem);
  engine.forward = [frozen](const at::Tensor& image, const at::Tensor& mask) {
    return call(*frozen, image, mask).toTensor();
  };
  return make_torch_inpainter(std::move(engine));
}

}  // namespace

bool is_script_file(const std::string& path) { return is_torchscript(path); }

Made make_script_inpainter(const std::string& path, const std::string& device, int threads) {
  const auto place = find_device(device);
  if (!place) return place.error();
  return guarded([&]() -> Made {
    return make(torch::jit::load(path, c10::kCPU), {.kind = "script",
                                                    .model = std::filesystem::path(path).stem().string(),
                                                    .details = "TorchScript module from " + path,
                                                    .device = *place,
                                                    .threads = thread_count(threads)});
  });
}

Made make_script_inpainter(LamaWeights weights, const std::string& device, int threads) {
  const auto place = find_device(device);
  if (!place) return place.error();
  return guarded([&]() -> Made {
    return make(make_script_module(weights), {.kind = "script",
                                              .model = weights.model,
                                              .details = describe_weights(weights),
                                              .device = *place,
                                              .threads = thread_count(threads)});
  });
}

}  // namespace inpaintd
