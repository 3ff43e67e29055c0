// SPDX-License-Identifier: Apache-2.0
#include "models/model_file.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "models/files/safetensors.h"
#include "models/files/tensor_file.h"
#include "models/files/torch_archive.h"
#include "models/migan/traits.h"
#include "models/reference/inpainter.h"
#include "models/weights/embedded.h"

namespace inpaintd {
namespace {

bool is_lama(const NamedTensors& tensors) {
  return std::any_of(tensors.begin(), tensors.end(),
                     [](const auto& each) { return lama_name(each.first) == lama_anchor; });
}

bool is_migan(const NamedTensors& tensors) {
  return std::any_of(tensors.begin(), tensors.end(),
                     [](const auto& each) { return is_migan_anchor(migan_name(each.first)); });
}

NamedTensors read_embedded() {
  auto tensors = read_safetensors(embedded_weights());
  if (!tensors) throw std::runtime_error(tensors.error());
  return *std::move(tensors);
}

NamedTensors read_any(const std::string& path) {
  if (path.empty()) return read_embedded();
  return read_tensors(path,
                      [](const std::string& name) { return !lama_name(name).empty() || !migan_name(name).empty(); });
}

template <class Weights>
Model with_origin(Weights weights, const std::string& path) {
  weights.model = path.empty() ? "default" : std::filesystem::path(path).stem().string();
  weights.origin = path.empty() ? "the embedded default" : path;
  return weights;
}

Model load(const std::string& path) {
  NamedTensors tensors = read_any(path);
  if (is_lama(tensors)) return with_origin(pick_lama(std::move(tensors)), path);
  if (is_migan(tensors)) return with_origin(pick_migan(std::move(tensors)), path);
  if (!path.empty() && is_torchscript(path)) return ScriptFile{path};
  throw std::runtime_error(
      "the file holds no known network: no tensor is named \"1.ffc.convl2l.weight\" (LaMa) or "
      "\"encoder.b512.fromrgb.weight\" (MI-GAN; any size), with any prefix, and the file is no TorchScript module; name "
      "a file of one of these");
}

template <class Return, class Function>
Result<Return, EngineFailure> with_name(const std::string& path, const Function& function) {
  try {
    return function();
  } catch (const std::exception& error) {
    const std::string file = path.empty() ? "the embedded default model" : "model file " + path;
    return EngineFailure{EngineFailure::Kind::failed, file + ": " + error.what()};
  }
}

}  // namespace

Result<Model, EngineFailure> load_model(const std::string& path) {
  return with_name<Model>(path, [&] { return load(path); });
}

Result<LamaWeights, EngineFailure> load_lama_weights(const std::string& path) {
  return with_name<LamaWeights>(path, [&] {
    Model model = load(path);
    auto* weights = std::get_if<LamaWeights>(&model);
    if (!weights) throw std::runtime_error("the file holds another network than LaMa");
    return std::move(*weights);
  });
}

NetworkTraits traits_of(const Model& model) {
  if (const auto* migan = std::get_if<MiganWeights>(&model)) return migan_traits(migan->shape);
  return {};
}

std::string describe_model(const Model& model) {
  if (const auto* script = std::get_if<ScriptFile>(&model)) return "TorchScript module from " + script->path;
  if (const auto* migan = std::get_if<MiganWeights>(&model)) return describe_weights(*migan);
  return describe_weights(std::get<LamaWeights>(model));
}

}  // namespace inpaintd
