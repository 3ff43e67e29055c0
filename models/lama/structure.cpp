// SPDX-License-Identifier: Apache-2.0
#include "models/lama/structure.h"

namespace inpaintd {
namespace {

/// Collects the tensors of one layer after another.
class Structure {
 public:
  void convolution(const std::string& name, std::int64_t out, std::int64_t in, std::int64_t kernel) {
    tensors[name + ".weight"] = {out, in, kernel, kernel};
  }
  void batch_norm(const std::string& name, std::int64_t channels) {
    for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"}) tensors[name + part] = {channels};
  }
  void ffc_layer(const std::string& name, const LamaShape& s) {
    convolution(name + ".ffc.convl2l", s.local, s.local, 3);
    convolution(name + ".ffc.convl2g", s.global, s.local, 3);
    convolution(name + ".ffc.convg2l", s.local, s.global, 3);
    const std::string transform = name + ".ffc.convg2g";
    convolution(transform + ".conv1.0", s.global / 2, s.global, 1);
    batch_norm(transform + ".conv1.1", s.global / 2);
    convolution(transform + ".fu.conv_layer", s.global, s.global, 1);
    batch_norm(transform + ".fu.bn", s.global);
    convolution(transform + ".conv2", s.global, s.global / 2, 1);
    batch_norm(name + ".bn_l", s.local);
    batch_norm(name + ".bn_g", s.global);
  }

  std::map<std::string, std::vector<std::int64_t>> tensors;
};

void add_encoder(Structure& structure, const LamaShape& s) {
  structure.convolution("1.ffc.convl2l", s.ngf, 4, 7);
  structure.batch_norm("1.bn_l", s.ngf);
  for (int i : {2, 3}) {
    const int in = s.ngf << (i - 2);
    structure.convolution(std::to_string(i) + ".ffc.convl2l", 2 * in, in, 3);
    structure.batch_norm(std::to_string(i) + ".bn_l", 2 * in);
  }
  structure.convolution("4.ffc.convl2l", s.local, 4 * s.ngf, 3);
  structure.convolution("4.ffc.convl2g", s.global, 4 * s.ngf, 3);
  structure.batch_norm("4.bn_l", s.local);
  structure.batch_norm("4.bn_g", s.global);
}

void add_decoder(Structure& structure, const LamaShape& s) {
  const DecoderIndex decoder = decoder_index(s.blocks);
  std::int64_t channels = 8 * s.ngf;
  for (int index : decoder.up) {
    structure.tensors[std::to_string(index) + ".weight"] = {channels, channels / 2, 3, 3};
    channels /= 2;
    structure.tensors[std::to_string(index) + ".bias"] = {channels};
    structure.batch_norm(std::to_string(index + 1), channels);
  }
  structure.convolution(std::to_string(decoder.last), 3, s.ngf, 7);
  structure.tensors[std::to_string(decoder.last) + ".bias"] = {3};
}

}  // namespace

std::map<std::string, std::vector<std::int64_t>> lama_tensors(const LamaShape& shape) {
  Structure structure;
  add_encoder(structure, shape);
  for (int block = 0; block < shape.blocks; ++block)
    for (const char* conv : {".conv1", ".conv2"})
      structure.ffc_layer(std::to_string(first_block + block) + conv, shape);
  add_decoder(structure, shape);
  return std::move(structure.tensors);
}

}  // namespace inpaintd
