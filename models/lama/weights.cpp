// SPDX-License-Identifier: Apache-2.0
#include "models/lama/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "models/lama/structure.h"

namespace inpaintd {
namespace {

constexpr int channels_max = 4096;

/// Picks the tensors of one generator out of all tensors of a file. Throws std::runtime_error.
class Picker {
 public:
  explicit Picker(NamedTensors tensors) : file_(std::move(tensors)) {
    for (const auto& [name, tensor] : file_)
      if (const auto canonical = lama_name(name); !canonical.empty()) names_[std::string(canonical)].push_back(name);
  }

  LamaWeights pick() {
    LamaWeights weights;
    weights.shape = shape();
    const auto expected = lama_tensors(weights.shape);
    refuse_unknown_parts(expected);
    for (const auto& [name, extents] : expected) {
      Tensor& tensor = find(name);
      check(name, tensor, extents);
      weights.tensors[name] = std::move(tensor);
    }
    return weights;
  }

 private:
  LamaShape shape() {
    if (!names_.contains(std::string(lama_anchor)))
      fail(fmt::format("the file holds no LaMa generator: no tensor is named \"{0}\", or \"model.{0}\" with any prefix",
                       lama_anchor));
    LamaShape result{.ngf = extent(std::string(lama_anchor), 0), .blocks = 0, .local = 0, .global = 0};
    result.local = extent("4.ffc.convl2l.weight", 0);
    result.global = extent("4.ffc.convl2g.weight", 0);
    while (names_.contains(block_name(result.blocks))) ++result.blocks;
    if (result.blocks == 0) find(block_name(0));  // fails with the missing tensor's name
    if (result.local + result.global != 8 * result.ngf || result.global % 2 != 0)
      fail(fmt::format("inconsistent channel counts: {} after the first layer, {} local and {} global in the blocks",
                       result.ngf, result.local, result.global));
    return result;
  }

  static std::string block_name(int block) { return std::to_string(first_block + block) + ".conv1.ffc.convl2l.weight"; }

  int extent(const std::string& name, std::size_t axis) {
    const Tensor& tensor = find(name);
    if (tensor.shape.size() != 4 || tensor.shape[axis] < 1 || tensor.shape[axis] > channels_max)
      fail(fmt::format("tensor \"{}\" has shape {}, which no convolution of LaMa has", name, shape_text(tensor.shape)));
    return static_cast<int>(tensor.shape[axis]);
  }

  Tensor& find(const std::string& name) {
    const auto found = names_.find(name);
    if (found == names_.end()) fail(fmt::format("tensor \"{}\" is missing", name));
    const auto& candidates = found->second;
    if (candidates.size() > 1)
      fail(fmt::format("tensor \"{}\" occurs {} times, as \"{}\" and as \"{}\"; keep one generator only", name,
                       candidates.size(), candidates[0], candidates[1]));
    return file_.at(candidates[0]);
  }

  /// Refuses variants of LaMa: a layer that this network does not have would change the meaning of the others.
  void refuse_unknown_parts(const std::map<std::string, std::vector<std::int64_t>>& expected) {
    const std::string& first = names_.at(std::string(lama_anchor))[0];
    const std::string prefix = first.substr(0, first.size() - lama_anchor.size());
    for (const auto& [canonical, candidates] : names_) {
      if (expected.contains(canonical) || canonical.ends_with(".num_batches_tracked")) continue;
      if (std::find(candidates.begin(), candidates.end(), prefix + canonical) == candidates.end()) continue;
      fail(fmt::format(
          "tensor \"{}{}\" is unexpected: it belongs to an unsupported variant of LaMa, or to a block after the {} "
          "blocks that were found",
          prefix, canonical, shape_blocks(expected)));
    }
  }
  static int shape_blocks(const std::map<std::string, std::vector<std::int64_t>>& expected) {
    int blocks = 0;
    while (expected.contains(block_name(blocks))) ++blocks;
    return blocks;
  }

  static void check(const std::string& name, const Tensor& tensor, const std::vector<std::int64_t>& extents) {
    check_tensor(name, tensor, extents);
    if (name.ends_with("running_var") && *std::min_element(tensor.values.begin(), tensor.values.end()) < 0)
      fail(fmt::format("tensor \"{}\" holds a negative variance", name));
  }

  [[noreturn]] static void fail(const std::string& what) { throw std::runtime_error(what); }

  NamedTensors file_;
  std::map<std::string, std::vector<std::string>> names_;  ///< the names in the file by canonical name
};

}  // namespace

/// The part of a tensor's name after the last "model.", if it names a numbered layer.
std::string_view lama_name(std::string_view name) {
  constexpr std::string_view marker = "model.";
  std::size_t begin = name.rfind(marker);
  if (begin != name.npos && begin > 0 && name[begin - 1] != '.') return {};  // such as "mymodel.5.weight"
  begin = begin == name.npos ? 0 : begin + marker.size();
  const std::string_view rest = name.substr(begin);
  return !rest.empty() && rest[0] >= '0' && rest[0] <= '9' ? rest : std::string_view{};
}

LamaWeights pick_lama(NamedTensors tensors) { return Picker(std::move(tensors)).pick(); }

}  // namespace inpaintd
