// SPDX-License-Identifier: Apache-2.0
#include "models/torch/script_export.h"

#include <ATen/ATen.h>

#include <map>
#include <memory>
#include <sstream>

#include "models/lama/structure.h"
#include "models/torch/inpainter.h"
#include "models/torch/script_module.h"

namespace inpaintd {
namespace {

using torch::jit::Module;

constexpr const char* batch_norm_forward = R"(
def forward(self, x):
    return torch.batch_norm(x, self.weight, self.bias, self.running_mean, self.running_var, False, 0.1, 1e-05, True)
)";

constexpr const char* fourier_unit_forward = R"(
def forward(self, x):
    n, c, h, w = x.size(0), x.size(1), x.size(2), x.size(3)
    spectrum = torch.view_as_real(torch.fft_rfft2(x, None, [-2, -1], "ortho"))
    planes = spectrum.permute([0, 1, 4, 2, 3]).reshape([n, 2 * c, h, w // 2 + 1])
    planes = torch.relu(self.bn.forward(torch.conv2d(planes, self.conv_layer.weight)))
    planes = planes.view([n, c, 2, h, w // 2 + 1]).permute([0, 1, 3, 4, 2]).contiguous()
    columns = torch.fft_ifft(torch.view_as_complex(planes), None, -2, "ortho")
    return torch.fft_irfft(columns, w, -1, "ortho")
)";

constexpr const char* spectral_transform_forward = R"(
def forward(self, x):
    x = torch.relu(getattr(self.conv1, "1").forward(torch.conv2d(x, getattr(self.conv1, "0").weight)))
    return torch.conv2d(x + self.fu.forward(x), self.conv2.weight)
)";

constexpr const char* ffc_layer_forward = R"(
def forward(self, l, g):
    pad = [1, 1, 1, 1]
    ll = torch.conv2d(torch.reflection_pad2d(l, pad), self.ffc.convl2l.weight)
    gl = torch.conv2d(torch.reflection_pad2d(g, pad), self.ffc.convg2l.weight)
    lg = torch.conv2d(torch.reflection_pad2d(l, pad), self.ffc.convl2g.weight)
    gg = self.ffc.convg2g.forward(g)
    return torch.relu(self.bn_l.forward(ll + gl)), torch.relu(self.bn_g.forward(lg + gg))
)";

constexpr const char* root_forward = R"(
def forward(self, image, mask):
    return self.generator.model.forward(torch.cat([image * (1 - mask), mask], 1))
)";

/// The expression for a layer of `self`: its name is a number, which TorchScript's syntax does not allow as a member.
std::string layer(int index) { return "getattr(self, \"" + std::to_string(index) + "\")"; }

std::string pad_text(int pad) {
  const std::string p = std::to_string(pad);
  return "[" + p + ", " + p + ", " + p + ", " + p + "]";
}

std::string encoder_step(int index, const char* result, const char* branch, int pad, int stride) {
  const std::string s = std::to_string(stride);
  return std::string("    ") + result + " = torch.relu(" + layer(index) + ".bn_" + branch +
         ".forward(torch.conv2d(torch.reflection_pad2d(x, " + pad_text(pad) + "), " + layer(index) + ".ffc.convl2" +
         branch + ".weight, None, [" + s + ", " + s + "])))\n";
}

std::string model_forward(int blocks) {
  std::string text = "def forward(self, x):\n";
  text += encoder_step(1, "x", "l", 3, 1) + encoder_step(2, "x", "l", 1, 2) + encoder_step(3, "x", "l", 1, 2);
  text += encoder_step(4, "l", "l", 1, 2) + encoder_step(4, "g", "g", 1, 2);
  for (int block = first_block; block < first_block + blocks; ++block) {
    text += "    nl, ng = " + layer(block) + ".conv1.forward(l, g)\n";
    text += "    nl, ng = " + layer(block) + ".conv2.forward(nl, ng)\n";
    text += "    l = l + nl\n    g = g + ng\n";
  }
  text += "    x = torch.cat([l, g], 1)\n";
  const DecoderIndex decoder = decoder_index(blocks);
  for (int up : decoder.up)
    text += "    x = torch.relu(" + layer(up + 1) + ".forward(torch.conv_transpose2d(x, " + layer(up) + ".weight, " +
            layer(up) + ".bias, [2, 2], [1, 1], [1, 1])))\n";
  return text + "    x = torch.conv2d(torch.reflection_pad2d(x, " + pad_text(3) + "), " + layer(decoder.last) +
         ".weight, " + layer(decoder.last) + ".bias)\n    return torch.sigmoid(x)\n";
}

/// Builds the tree of modules that dotted tensor names describe. Children get their code before their parents, whose
/// code calls it.
class Builder {
 public:
  explicit Builder(int blocks) : blocks_(blocks), unit_(std::make_shared<torch::jit::CompilationUnit>()) {}

  void add(const std::string& name, const Tensor& tensor) {
    Node* node = &root_;
    std::size_t begin = 0;
    for (std::size_t dot; (dot = name.find('.', begin)) != name.npos; begin = dot + 1)
      node = &node->children[name.substr(begin, dot - begin)];
    node->tensors[name.substr(begin)] = &tensor;
  }

  Module build() {
    Module root = build(root_, "", "__torch__.Lama");
    root.register_attribute("training", c10::BoolType::get(), false);
    root.define(root_forward);
    return root;
  }

 private:
  struct Node {
    std::map<std::string, Node> children;
    std::map<std::string, const Tensor*> tensors;
  };

  Module build(const Node& node, const std::string& path, const std::string& class_name) {
    Module module(class_name, unit_, /*shouldMangle=*/true);
    for (const auto& [name, tensor] : node.tensors) {
      auto* values = const_cast<float*>(tensor->values.data());  // read only: clone() copies
      module.register_parameter(name, at::from_blob(values, tensor->shape, at::kFloat).clone(),
                                /*is_buffer=*/name.starts_with("running_"));
    }
    for (const auto& [name, child] : node.children)
      module.register_module(name, build(child, path + "." + name, "__torch__.Part"));
    if (const std::string text = forward_of(node, path); !text.empty()) module.define(text);
    return module;
  }

  [[nodiscard]] std::string forward_of(const Node& node, const std::string& path) const {
    if (node.tensors.contains("running_var")) return batch_norm_forward;
    if (path.ends_with(".fu")) return fourier_unit_forward;
    if (path.ends_with(".convg2g")) return spectral_transform_forward;
    if (node.children.contains("ffc") && node.children.at("ffc").children.contains("convg2g")) return ffc_layer_forward;
    return path == ".generator.model" ? model_forward(blocks_) : "";
  }

  int blocks_;
  std::shared_ptr<torch::jit::CompilationUnit> unit_;
  Node root_;
};

}  // namespace

Module make_script_module(const LamaWeights& weights) {
  Builder builder(weights.shape.blocks);
  for (const auto& [name, tensor] : weights.tensors) builder.add("generator.model." + name, tensor);
  return builder.build();
}

Result<std::string, EngineFailure> export_script(const LamaWeights& weights) {
  return guarded([&]() -> Result<std::string, EngineFailure> {
    std::ostringstream file;
    make_script_module(weights).save(file);
    return std::move(file).str();
  });
}

}  // namespace inpaintd
