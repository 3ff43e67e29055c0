// SPDX-License-Identifier: Apache-2.0
#include "models/migan/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "models/migan/structure.h"
#include "models/uniform.h"

namespace inpaintd {
namespace {

constexpr int channels_max = 4096;
constexpr int side_max = 2048;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what); }

/// The side in "encoder.b512.fromrgb.weight", or 0 for other names.
int first_side(std::string_view canonical) {
  constexpr std::string_view before = "encoder.b", after = ".fromrgb.weight";
  if (!canonical.starts_with(before) || !canonical.ends_with(after)) return 0;
  const std::string digits(canonical.substr(before.size(), canonical.size() - before.size() - after.size()));
  return digits.find_first_not_of("0123456789") == digits.npos && digits.size() < 5 ? std::atoi(digits.c_str()) : 0;
}

/// Picks the tensors of one generator out of all tensors of a file.
class Picker {
 public:
  explicit Picker(NamedTensors tensors) {
    for (auto& [name, tensor] : tensors) {
      const std::string canonical = migan_name(name);
      if (canonical.empty()) continue;
      if (!tensors_.emplace(canonical, std::move(tensor)).second)
        fail(fmt::format("tensor \"{}\" occurs twice; keep one generator only", canonical));
    }
  }

  MiganWeights pick() {
    MiganWeights weights;
    weights.shape = shape();
    auto expected = migan_tensors(weights.shape);
    for (const auto& [name, extents] : migan_noise(weights.shape)) {
      multiply_strength(name);
      if (tensors_.contains(name)) expected[name] = extents;
    }
    for (const auto& [name, extents] : expected) {
      Tensor& tensor = find(name);
      check_tensor(name, tensor, extents);
      weights.tensors[name] = std::move(tensor);
      tensors_.erase(name);
    }
    if (!tensors_.empty())
      fail(fmt::format("tensor \"{}\" is unexpected: it belongs to an unsupported variant of MI-GAN",
                       tensors_.begin()->first));
    return weights;
  }

 private:
  MiganShape shape() {
    const auto first =
        std::find_if(tensors_.begin(), tensors_.end(), [](const auto& each) { return first_side(each.first) > 0; });
    if (first == tensors_.end()) fail("the file holds no MI-GAN generator");
    const int trained = first_side(first->first);
    if (trained < 8 || trained > side_max || (trained & (trained - 1)) != 0)
      fail(fmt::format("tensor \"{}\" is for pictures of {} pixels a side, and no MI-GAN has that size", first->first,
                       trained));
    MiganShape result;
    for (int side = trained; side >= 4; side /= 2) {
      const std::string name = fmt::format("encoder.b{}.conv1.conv1.bias", side);
      const Tensor& bias = find(name);
      if (bias.shape.size() != 1 || bias.shape[0] < 1 || bias.shape[0] > channels_max)
        fail(fmt::format("tensor \"{}\" has shape {}, which no layer of MI-GAN has", name, shape_text(bias.shape)));
      result.channels.push_back(static_cast<int>(bias.shape[0]));
    }
    return result;
  }

  /// Replaces the authors' two tensors of a layer's noise by their product, which is all that the network uses.
  void multiply_strength(const std::string& noise) {
    const auto map = tensors_.find(noise + "_const"), strength = tensors_.find(noise + "_strength");
    if (map == tensors_.end() && strength == tensors_.end()) return;
    if (map == tensors_.end() || strength == tensors_.end() || strength->second.values.size() != 1)
      fail(fmt::format("tensors \"{0}_const\" and \"{0}_strength\" must both be there, the latter with one number",
                       noise));
    const float factor = strength->second.values[0];
    for (float& value : map->second.values) value *= factor;
    tensors_[noise] = std::move(map->second);
    tensors_.erase(noise + "_const");
    tensors_.erase(noise + "_strength");
  }

  Tensor& find(const std::string& name) {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) fail(fmt::format("tensor \"{}\" is missing", name));
    return found->second;
  }

  NamedTensors tensors_;  ///< by canonical name
};

/// Uniform numbers with the given standard deviation.
Tensor random_tensor(const std::vector<std::int64_t>& shape, double deviation, Uniform& uniform) {
  std::size_t count = 1;
  for (const auto extent : shape) count *= static_cast<std::size_t>(extent);
  Tensor tensor{shape, std::vector<float>(count)};
  const auto bound = static_cast<float>(std::sqrt(3.0) * deviation);
  uniform.fill(tensor.values, -bound, bound);
  return tensor;
}

}  // namespace

std::string migan_name(std::string_view name) {
  for (const std::string_view part : {"encoder.b", "synthesis.b"}) {
    const std::size_t begin = name.rfind(part);
    if (begin == name.npos || (begin > 0 && name[begin - 1] != '.')) continue;
    std::string canonical(name.substr(begin));
    if (canonical.find("filter") != canonical.npos) return {};  // the constants of halving and doubling
    if (canonical.ends_with(".Add")) canonical.replace(canonical.size() - 3, 3, "noise");
    return canonical;
  }
  return {};
}

bool is_migan_anchor(std::string_view canonical) { return first_side(canonical) > 0; }

MiganWeights pick_migan(NamedTensors tensors) { return Picker(std::move(tensors)).pick(); }

MiganWeights random_migan_weights(const MiganShape& shape, std::uint32_t seed) {
  Uniform uniform(seed);
  MiganWeights weights{.shape = shape, .tensors = {}, .model = "random", .origin = "random numbers"};
  for (const auto& [name, extents] : migan_tensors(shape)) {
    double inputs = 1;
    for (std::size_t i = 1; i < extents.size(); ++i) inputs *= static_cast<double>(extents[i]);
    weights.tensors[name] = random_tensor(extents, extents.size() == 1 ? 0.1 : 0.9 / std::sqrt(inputs), uniform);
  }
  for (const auto& [name, extents] : migan_noise(shape)) weights.tensors[name] = random_tensor(extents, 0.1, uniform);
  return weights;
}

std::string describe_weights(const MiganWeights& weights) {
  const auto [least, most] = std::minmax_element(weights.shape.channels.begin(), weights.shape.channels.end());
  return fmt::format("MI-GAN {}, {} levels of {} to {} channels, from {}", weights.shape.side(0),
                     weights.shape.levels(), *least, *most, weights.origin);
}

}  // namespace inpaintd
