// SPDX-License-Identifier: Apache-2.0
#include "models/lama/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "models/files/safetensors.h"
#include "models/files/torch_archive.h"
#include "models/lama/structure.h"
#include "models/weights/embedded.h"

namespace inpaintd {
namespace {

constexpr int channels_max = 4096;
constexpr std::string_view anchor = "1.ffc.convl2l.weight";  // the first layer: only generators have this tensor

/// The part of a tensor's name after the last "model.", if it names a numbered layer; else empty.
std::string_view canonical_name(std::string_view name) {
  constexpr std::string_view marker = "model.";
  std::size_t begin = name.rfind(marker);
  if (begin != name.npos && begin > 0 && name[begin - 1] != '.') return {};  // such as "mymodel.5.weight"
  begin = begin == name.npos ? 0 : begin + marker.size();
  const std::string_view rest = name.substr(begin);
  return !rest.empty() && rest[0] >= '0' && rest[0] <= '9' ? rest : std::string_view{};
}

/// Picks the tensors of one generator out of all tensors of a file. Throws std::runtime_error, which load_lama_weights
/// catches.
class Picker {
 public:
  explicit Picker(NamedTensors tensors) : file_(std::move(tensors)) {
    for (const auto& [name, tensor] : file_)
      if (const auto canonical = canonical_name(name); !canonical.empty())
        names_[std::string(canonical)].push_back(name);
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
    if (!names_.contains(std::string(anchor)))
      fail(fmt::format("the file holds no LaMa generator: no tensor is named \"{0}\", or \"model.{0}\" with any prefix",
                       anchor));
    LamaShape result{.ngf = extent(std::string(anchor), 0), .blocks = 0, .local = 0, .global = 0};
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
    const std::string& first = names_.at(std::string(anchor))[0];
    const std::string prefix = first.substr(0, first.size() - anchor.size());
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
    if (tensor.shape != extents)
      fail(
          fmt::format("tensor \"{}\" has shape {} instead of {}", name, shape_text(tensor.shape), shape_text(extents)));
    if (!std::all_of(tensor.values.begin(), tensor.values.end(), [](float v) { return std::isfinite(v); }))
      fail(fmt::format("tensor \"{}\" holds NaN or Inf", name));
    if (name.ends_with("running_var") && *std::min_element(tensor.values.begin(), tensor.values.end()) < 0)
      fail(fmt::format("tensor \"{}\" holds a negative variance", name));
  }

  [[noreturn]] static void fail(const std::string& what) { throw std::runtime_error(what); }

  NamedTensors file_;
  std::map<std::string, std::vector<std::string>> names_;  ///< the names in the file by canonical name
};

std::ifstream open_file(const std::string& path, std::ios::openmode mode = {}) {
  if (std::filesystem::is_directory(path)) throw std::runtime_error("the path is a folder; name a file");
  std::ifstream file(path, std::ios::binary | mode);
  if (!file) throw std::runtime_error("the file cannot be opened; check the path and the permissions");
  return file;
}

std::vector<char> read_file(const std::string& path) {
  std::ifstream file = open_file(path, std::ios::ate);
  std::vector<char> bytes(static_cast<std::size_t>(file.tellg()));
  file.seekg(0).read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file) throw std::runtime_error("the file cannot be read to its end");
  return bytes;
}

std::string first_bytes(const std::string& path) {
  std::ifstream file = open_file(path);
  std::string bytes(9, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

NamedTensors or_throw(Result<NamedTensors, std::string> tensors) {
  if (!tensors) throw std::runtime_error(tensors.error());
  return *std::move(tensors);
}

NamedTensors read_tensors(const std::string& path) {
  const std::string start = first_bytes(path);
  if (start.starts_with("PK"))
    return or_throw(read_torch_archive(path, [](const std::string& name) { return !canonical_name(name).empty(); }));
  if (start.starts_with("\x80\x02"))
    throw std::runtime_error(
        "the file was saved in the format of PyTorch before 1.6; convert it in Python: "
        "torch.save(torch.load(path, map_location='cpu')['state_dict'], new_path), without ['state_dict'] if the file "
        "holds the state dict itself");
  if (start.size() == 9 && start[8] == '{') {
    const auto bytes = read_file(path);
    return or_throw(read_safetensors(std::as_bytes(std::span(bytes))));
  }
  throw std::runtime_error(
      "the file is neither a TorchScript file, nor a state dict saved by torch.save, nor a safetensors file");
}

}  // namespace

Result<LamaWeights, EngineFailure> load_lama_weights(const std::string& path) {
  const bool embedded = path.empty();
  try {
    LamaWeights weights = Picker(embedded ? or_throw(read_safetensors(embedded_weights())) : read_tensors(path)).pick();
    weights.model = embedded ? "default" : std::filesystem::path(path).stem().string();
    weights.origin = embedded ? "the embedded default" : path;
    return weights;
  } catch (const std::exception& error) {
    const std::string file = embedded ? "the embedded default model" : "model file " + path;
    return EngineFailure{EngineFailure::Kind::failed, file + ": " + error.what()};
  }
}

}  // namespace inpaintd
