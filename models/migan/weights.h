// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/files/tensors.h"

namespace inpaintd {

/// The channels of a MI-GAN generator (Sargsyan et al., ICCV 2023) by level. Level 0 has the picture's resolution, each
/// later one half of it; the last one is 4x4 for the size that the network was trained at. MI-GAN-512 has {64, 128,
/// 256, 512, 512, 512, 512, 512}.
struct MiganShape {
  std::vector<int> channels;

  [[nodiscard]] std::size_t levels() const { return channels.size(); }
  /// The side of the maps of a level for a picture of the trained size.
  [[nodiscard]] int side(std::size_t level) const { return 4 << (channels.size() - 1 - level); }
  /// The sides of pictures are multiples of this number.
  [[nodiscard]] int side_multiple() const { return 1 << (channels.size() - 1); }

  friend bool operator==(const MiganShape&, const MiganShape&) = default;
};

/// The tensors of a generator as they were trained, with nothing folded.
///
/// A canonical name is what follows the prefix in the authors' names: "encoder.b512.fromrgb.weight",
/// "synthesis.b8.conv1.conv2.weight". The noise of a layer, "synthesis.b8.conv1.noise", is the product of the authors'
/// noise_const and noise_strength, [side, side]; layers without it add none.
struct MiganWeights {
  MiganShape shape;
  std::map<std::string, Tensor> tensors;  ///< by canonical name
  std::string model;                      ///< short name: the file's stem
  std::string origin;                     ///< where the weights come from, for messages
};

/// The canonical name of the tensor that a file calls `name`; empty for tensors that no generator has. The parts
/// "noise_const" and "noise_strength" keep their names, and an ONNX file's "Add" is the noise.
std::string migan_name(std::string_view name);

/// Whether a tensor of this canonical name is there for each MI-GAN generator, and for no other network.
bool is_migan_anchor(std::string_view canonical);

/// Picks the generator out of the tensors of a file. Every tensor of the structure must occur exactly once, with its
/// shape. Throws std::runtime_error, which names the tensor.
MiganWeights pick_migan(NamedTensors tensors);

/// Makes a network of the given shape with reproducible random weights and noise for tests and benchmarks, scaled so
/// that activations neither vanish nor saturate.
MiganWeights random_migan_weights(const MiganShape& shape, std::uint32_t seed);

/// The text of the weights for Inpainter::describe(): "MI-GAN 512, 8 levels of 64 to 512 channels, from FILE".
std::string describe_weights(const MiganWeights& weights);

}  // namespace inpaintd
