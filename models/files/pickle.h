// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace inpaintd::pickle {

struct Value;

/// A list, tuple or set.
struct Sequence {
  std::vector<const Value*> items;
};
/// A dict, or the attributes of an object of any other class.
struct Dict {
  std::vector<std::pair<const Value*, const Value*>> items;
};
/// The name of a class or function, such as "torch FloatStorage". Nothing is ever imported or called.
struct Global {
  std::string name;
};
/// A block of numbers in the archive's record "data/<key>".
struct Storage {
  std::string type;  ///< such as "FloatStorage"
  std::string key;
};
/// A strided view of a storage; extents and strides count elements.
struct TensorView {
  Storage storage;
  std::int64_t offset = 0;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;
};
/// A value that neither names nor describes a tensor: a float, None, True or False.
struct Opaque {};

/// Any value of a pickle.
struct Value : std::variant<Opaque, std::int64_t, std::string, Sequence, Dict, Global, Storage, TensorView> {
  using variant::variant;
};

/// A pickle of PyTorch: a state dict, a checkpoint, or the attributes of a TorchScript module. Every object except a
/// tensor becomes the Dict of its attributes. No code of the pickle is run. The Document owns the values.
class Document {
 public:
  /// Parses `bytes`. Throws std::runtime_error with the reason if they are not such a pickle.
  explicit Document(std::string_view bytes);
  [[nodiscard]] const Value& root() const { return *root_; }

 private:
  std::deque<Value> values_;
  const Value* root_ = nullptr;
};

}  // namespace inpaintd::pickle
