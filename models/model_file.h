// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "core/network_traits.h"
#include "core/result.h"
#include "models/inpainter.h"
#include "models/lama/weights.h"
#include "models/migan/weights.h"

namespace inpaintd {

/// A TorchScript module with a network of its own, which is run as it is.
struct ScriptFile {
  std::string path;
};

/// The network of a model file.
using Model = std::variant<LamaWeights, MiganWeights, ScriptFile>;

/// Reads a model file of any form and recognises its network by its tensors; an empty path means the embedded default.
/// Errors (kind `failed`) name the file, and the tensor or what was looked for.
Result<Model, EngineFailure> load_model(const std::string& path);

/// What the planner of windows needs to know of the network.
NetworkTraits traits_of(const Model& model);

/// A description in one line, such as "LaMa 64 channels, 18 blocks (128 local + 384 global), from FILE".
std::string describe_model(const Model& model);

/// Makes an engine, like make_inpainter of inpainter.h, from a model that is already loaded; `options.file` is ignored.
Result<std::unique_ptr<Inpainter>, EngineFailure> make_inpainter(const EngineOptions& options, const Model& model,
                                                                 const EngineWarning& warn = {});

}  // namespace inpaintd
