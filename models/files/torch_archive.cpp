// SPDX-License-Identifier: Apache-2.0
#include "models/files/torch_archive.h"

#include <c10/util/Exception.h>
#include <caffe2/serialize/inline_container.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "models/files/float_types.h"
#include "models/files/pickle.h"

namespace inpaintd {
namespace {

using caffe2::serialize::PyTorchStreamReader;

constexpr std::size_t depth_max = 64;
// A bound, because nested objects that refer to each object twice give one tensor exponentially many names.
constexpr int visits_max = 100'000;
constexpr std::uint64_t values_per_byte = 2;  // per byte of the file: a tensor of half precision may appear four times
constexpr std::size_t name_bytes_max = 512;   // longer than any name in a model

std::optional<FloatType> float_type(std::string_view storage) {
  if (storage == "FloatStorage") return FloatType::f32;
  if (storage == "HalfStorage") return FloatType::f16;
  if (storage == "BFloat16Storage") return FloatType::bf16;
  if (storage == "DoubleStorage") return FloatType::f64;
  return std::nullopt;
}

/// Whether the view is its whole storage in row-major order.
bool is_plain(const pickle::TensorView& view, std::int64_t stored) {
  std::int64_t step = 1;
  for (std::size_t d = view.shape.size(); d-- > 0; step *= view.shape[d])
    if (view.shape[d] != 1 && view.strides[d] != step) return false;
  return view.offset == 0 && step == stored;
}

/// Reads the tensors of one archive. Throws std::runtime_error and c10::Error, which read_torch_archive catches.
class Archive {
 public:
  Archive(const std::string& path, const std::function<bool(const std::string&)>& wanted)
      : reader_(path), wanted_(wanted), values_left_(values_per_byte * std::filesystem::file_size(path)) {}

  NamedTensors read() {
    if (!reader_.hasRecord("data.pkl"))
      throw std::runtime_error(
          "the zip archive has no record data.pkl; save the model with torch.save or torch.jit.save");
    const std::string bytes = record("data.pkl");
    const pickle::Document document(bytes);
    visit(document.root(), "");
    return std::move(tensors_);
  }

 private:
  void visit(const pickle::Value& value, const std::string& name) {
    if (++visits_ > visits_max)
      throw std::runtime_error(fmt::format("the file has more than {} nested objects", visits_max));
    if (const auto* view = std::get_if<pickle::TensorView>(&value)) return keep(*view, name);
    const auto* dict = std::get_if<pickle::Dict>(&value);
    if (!dict || path_.size() == depth_max || name.size() > name_bytes_max) return;
    if (std::find(path_.begin(), path_.end(), dict) != path_.end()) return;  // a reference cycle
    path_.push_back(dict);
    for (const auto& [key, item] : dict->items)
      if (const auto* text = std::get_if<std::string>(key)) visit(*item, join(name, *text));
    path_.pop_back();
  }

  /// The dotted name of a member. A module that was saved as a whole has its tensors in the dicts below, whose names a
  /// state dict leaves out.
  static std::string join(const std::string& name, const std::string& key) {
    if (key == "_modules" || key == "_parameters" || key == "_buffers") return name;
    return name.empty() ? key : fmt::format("{}.{}", name, key);
  }

  void keep(const pickle::TensorView& view, const std::string& name) {
    const auto type = float_type(view.storage.type);
    if (!type || !wanted_(name)) return;
    if (tensors_.contains(name)) throw std::runtime_error(fmt::format("tensor \"{}\" appears twice", name));
    std::optional<Tensor> tensor;
    try {
      tensor = read(view, *type);
    } catch (const c10::Error&) {
      throw std::runtime_error(fmt::format("the data of tensor \"{}\" is damaged", name));
    }
    if (!tensor) throw std::runtime_error(fmt::format("tensor \"{}\" lies outside of its storage", name));
    if (tensor->values.size() > values_left_)
      throw std::runtime_error("the tensors have too many values for the size of the file");
    values_left_ -= tensor->values.size();
    tensors_[name] = std::move(*tensor);
  }

  /// The tensor's elements in row-major order; nothing if the view reaches beyond its storage.
  std::optional<Tensor> read(const pickle::TensorView& view, FloatType type) {
    const auto [data, size] = reader_.getRecord(fmt::format("data/{}", view.storage.key));
    const auto stored = static_cast<std::int64_t>(size / bytes_of(type));
    auto all = read_floats(static_cast<const std::byte*>(data.get()), static_cast<std::size_t>(stored), type);
    if (view.offset < 0 || view.offset > stored || view.strides.size() != view.shape.size()) return std::nullopt;
    std::int64_t count = 1, last = view.offset;
    for (std::size_t i = 0; i < view.shape.size(); ++i) {
      const std::int64_t extent = view.shape[i], stride = view.strides[i];
      if (extent < 1 || stride < 0 || extent > stored / count || stride > stored) return std::nullopt;
      if (extent > 1 && stride > (stored - last) / (extent - 1)) return std::nullopt;
      count *= extent;
      last += (extent - 1) * stride;
    }
    if (last >= stored) return std::nullopt;
    if (is_plain(view, stored)) return Tensor{view.shape, std::move(all)};
    return gather(view, all, count);
  }

  static Tensor gather(const pickle::TensorView& view, const std::vector<float>& all, std::int64_t count) {
    Tensor tensor{view.shape, {}};
    tensor.values.reserve(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) {
      std::int64_t at = view.offset, rest = i;
      for (std::size_t d = view.shape.size(); d-- > 0; rest /= view.shape[d])
        at += rest % view.shape[d] * view.strides[d];
      tensor.values.push_back(all[static_cast<std::size_t>(at)]);
    }
    return tensor;
  }

  std::string record(const std::string& name) {
    const auto [data, size] = reader_.getRecord(name);
    return {static_cast<const char*>(data.get()), size};
  }

  PyTorchStreamReader reader_;
  const std::function<bool(const std::string&)>& wanted_;
  NamedTensors tensors_;
  std::vector<const pickle::Dict*> path_;  ///< from the root to the current value
  int visits_ = 0;
  std::uint64_t values_left_;
};

}  // namespace

Result<NamedTensors, std::string> read_torch_archive(const std::string& path,
                                                     const std::function<bool(const std::string&)>& wanted) {
  try {
    return Archive(path, wanted).read();
  } catch (const c10::Error&) {
    return std::string("the zip archive is damaged; the file may be cut off");
  } catch (const std::exception& error) {
    return std::string(error.what());
  }
}

bool is_torchscript(const std::string& path) {
  try {
    PyTorchStreamReader reader(path);
    return reader.hasRecord("constants.pkl");
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace inpaintd
