// SPDX-License-Identifier: Apache-2.0
#include "models/lama/fold.h"

#include <cmath>
#include <string>

#include "models/lama/structure.h"

namespace inpaintd {
namespace {

constexpr double epsilon = 1e-5;  // every BatchNorm of LaMa has this one

/// y = scale x + shift, channel by channel.
struct Affine {
  std::vector<double> scale;
  std::vector<double> shift;
};

/// Finds the tensors of a layer by name, and folds its BatchNorm.
class Folder {
 public:
  explicit Folder(const LamaWeights& weights) : tensors_(weights.tensors) {}

  [[nodiscard]] Affine batch_norm(const std::string& name) const {
    const auto& gamma = values(name + ".weight");
    const auto& beta = values(name + ".bias");
    const auto& mean = values(name + ".running_mean");
    const auto& variance = values(name + ".running_var");
    Affine affine;
    for (std::size_t c = 0; c < gamma.size(); ++c) {
      affine.scale.push_back(gamma[c] / std::sqrt(double{variance[c]} + epsilon));
      affine.shift.push_back(beta[c] - mean[c] * affine.scale.back());
    }
    return affine;
  }

  /// The convolution `name` followed by `after`. The convolution's own bias, if it has one, becomes part of the
  /// result's.
  [[nodiscard]] Convolution convolution(const std::string& name, const Affine& after, WeightOrder order) const {
    const Tensor& tensor = tensors_.at(name + ".weight");
    const auto extent = [&](std::size_t axis) { return static_cast<int>(tensor.shape[axis]); };
    Convolution c{extent(order == WeightOrder::out_in ? 1 : 0), extent(order == WeightOrder::out_in ? 0 : 1), extent(2),
                  extent(3)};
    const std::size_t area = static_cast<std::size_t>(c.kernel_h) * static_cast<std::size_t>(c.kernel_w);
    const std::size_t out = static_cast<std::size_t>(c.out);
    const std::size_t per_output = tensor.values.size() / out;
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
      const std::size_t o = order == WeightOrder::out_in ? i / per_output : i / area % out;
      c.weight.push_back(static_cast<float>(tensor.values[i] * after.scale[o]));
    }
    const auto bias = tensors_.find(name + ".bias");
    for (std::size_t o = 0; o < out; ++o) {
      const double own = bias == tensors_.end() ? 0 : bias->second.values[o];
      c.bias.push_back(static_cast<float>(own * after.scale[o] + after.shift[o]));
    }
    return c;
  }

  [[nodiscard]] Convolution convolution(const std::string& name, const std::string& norm,
                                        WeightOrder order = WeightOrder::out_in) const {
    return convolution(name, batch_norm(norm), order);
  }

 private:
  [[nodiscard]] const std::vector<float>& values(const std::string& name) const { return tensors_.at(name).values; }

  const std::map<std::string, Tensor>& tensors_;
};

/// Two convolutions of the same input as one convolution with the outputs of both.
Convolution beside(const Convolution& a, const Convolution& b) {
  Convolution c = a;
  c.out += b.out;
  c.weight.insert(c.weight.end(), b.weight.begin(), b.weight.end());
  c.bias.insert(c.bias.end(), b.bias.begin(), b.bias.end());
  return c;
}

/// a(x) + b(y) as one convolution of [x | y]. Both have the same folded shift, which must be added only once.
Convolution added(const Convolution& a, const Convolution& b) {
  Convolution c{a.in + b.in, a.out, a.kernel_h, a.kernel_w, {}, a.bias};
  const std::ptrdiff_t from_a = static_cast<std::ptrdiff_t>(a.weight.size()) / a.out;
  const std::ptrdiff_t from_b = static_cast<std::ptrdiff_t>(b.weight.size()) / b.out;
  for (int o = 0; o < a.out; ++o) {
    c.weight.insert(c.weight.end(), a.weight.begin() + o * from_a, a.weight.begin() + (o + 1) * from_a);
    c.weight.insert(c.weight.end(), b.weight.begin() + o * from_b, b.weight.begin() + (o + 1) * from_b);
  }
  return c;
}

FoldedFfc fold_layer(const Folder& folder, const std::string& name) {
  const std::string transform = name + ".ffc.convg2g";
  const Affine global = folder.batch_norm(name + ".bn_g");
  const Affine global_scale{global.scale, std::vector<double>(global.scale.size(), 0.0)};
  return {added(folder.convolution(name + ".ffc.convl2l", name + ".bn_l"),
                folder.convolution(name + ".ffc.convg2l", name + ".bn_l")),
          folder.convolution(name + ".ffc.convl2g", global, WeightOrder::out_in),
          folder.convolution(transform + ".conv1.0", transform + ".conv1.1"),
          folder.convolution(transform + ".fu.conv_layer", transform + ".fu.bn"),
          folder.convolution(transform + ".conv2", global_scale, WeightOrder::out_in)};
}

}  // namespace

FoldedLama fold(const LamaWeights& weights) {
  const Folder folder(weights);
  const DecoderIndex decoder = decoder_index(weights.shape.blocks);
  FoldedLama model;
  model.shape = weights.shape;
  model.first = folder.convolution("1.ffc.convl2l", "1.bn_l");
  model.down = {folder.convolution("2.ffc.convl2l", "2.bn_l"), folder.convolution("3.ffc.convl2l", "3.bn_l"),
                beside(folder.convolution("4.ffc.convl2l", "4.bn_l"), folder.convolution("4.ffc.convl2g", "4.bn_g"))};
  for (int block = 0; block < weights.shape.blocks; ++block)
    for (const char* part : {".conv1", ".conv2"})
      model.layers.push_back(fold_layer(folder, std::to_string(first_block + block) + part));
  for (std::size_t i = 0; i < 3; ++i)
    model.up[i] =
        folder.convolution(std::to_string(decoder.up[i]), std::to_string(decoder.up[i] + 1), WeightOrder::in_out);
  model.last =
      folder.convolution(std::to_string(decoder.last), Affine{std::vector<double>(3, 1.0), std::vector<double>(3, 0.0)},
                         WeightOrder::out_in);
  return model;
}

}  // namespace inpaintd
