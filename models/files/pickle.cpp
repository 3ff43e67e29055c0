// SPDX-License-Identifier: Apache-2.0
#include "models/files/pickle.h"

#include <fmt/format.h>

#include <cstring>
#include <map>
#include <stdexcept>

#include "models/files/pickle_opcodes.h"

namespace inpaintd::pickle {
namespace {

constexpr std::size_t values_max =
    10'000'000;  // bounds the memory: a value takes a byte in the pickle and far more here

/// The stack machine that a pickle is a program for. The four handlers return whether they know the opcode.
class Machine {
 public:
  Machine(std::string_view bytes, std::deque<Value>& values) : bytes_(bytes), values_(values) {}

  const Value* run() {
    for (;;) {
      const auto code = static_cast<Opcode>(take(1)[0]);
      if (code == Opcode::stop) return pop();
      if (!scalar(code) && !container(code) && !memo(code) && !object(code))
        fail(fmt::format("has opcode {}, which PyTorch does not write", static_cast<unsigned>(code)));
    }
  }

 private:
  bool scalar(Opcode code) {
    switch (code) {
      case Opcode::none:
      case Opcode::new_true:
      case Opcode::new_false:
        return push(Opaque{});
      case Opcode::bin_float:
        return take(8), push(Opaque{});
      case Opcode::bin_int:
        return push(std::int64_t{static_cast<std::int32_t>(number<std::uint32_t>())});
      case Opcode::bin_int1:
        return push(std::int64_t{number<std::uint8_t>()});
      case Opcode::bin_int2:
        return push(std::int64_t{number<std::uint16_t>()});
      case Opcode::long1:
        return push(long_number(number<std::uint8_t>()));
      case Opcode::bin_unicode:
      case Opcode::bin_string:
      case Opcode::bin_bytes:
        return push(text(number<std::uint32_t>()));
      case Opcode::short_bin_unicode:
      case Opcode::short_bin_string:
      case Opcode::short_bin_bytes:
        return push(text(number<std::uint8_t>()));
      case Opcode::bin_unicode8:
      case Opcode::bin_bytes8:
        return push(text(number<std::uint64_t>()));
      default:
        return false;
    }
  }

  bool container(Opcode code) {
    switch (code) {
      case Opcode::mark:
        return marks_.push_back(stack_.size()), true;
      case Opcode::empty_tuple:
      case Opcode::empty_list:
      case Opcode::empty_set:
        return push(Sequence{});
      case Opcode::empty_dict:
        return push(Dict{});
      case Opcode::tuple:
      case Opcode::list:
        return push(Sequence{above_mark()});
      case Opcode::tuple1:
        return push(Sequence{top(1)});
      case Opcode::tuple2:
        return push(Sequence{top(2)});
      case Opcode::tuple3:
        return push(Sequence{top(3)});
      case Opcode::dict:
        return pairs_into_new_dict();
      case Opcode::append:
        return extend(top(1));
      case Opcode::appends:
      case Opcode::add_items:
        return extend(above_mark());
      case Opcode::set_item:
        return set_items(top(2));
      case Opcode::set_items:
        return set_items(above_mark());
      default:
        return false;
    }
  }

  bool memo(Opcode code) {
    switch (code) {
      case Opcode::bin_put:
        return remember(number<std::uint8_t>());
      case Opcode::long_bin_put:
        return remember(number<std::uint32_t>());
      case Opcode::memoize:
        return remember(memo_.size());
      case Opcode::bin_get:
        return recall(number<std::uint8_t>());
      case Opcode::long_bin_get:
        return recall(number<std::uint32_t>());
      case Opcode::pop:
        return pop(), true;
      case Opcode::proto:
        return take(1), true;
      case Opcode::frame:
        return take(8), true;
      default:
        return false;
    }
  }

  bool object(Opcode code) {
    switch (code) {
      case Opcode::global: {
        const std::string module = line();
        return push(Global{fmt::format("{} {}", module, line())});
      }
      case Opcode::stack_global: {
        const auto names = top(2);
        return push(Global{fmt::format("{} {}", string_of(names[0]), string_of(names[1]))});
      }
      case Opcode::bin_pers_id:
        return push(storage_of(pop()));
      case Opcode::new_obj:
      case Opcode::reduce: {
        const auto call = top(2);
        return result_of(call[0], call[1]);
      }
      case Opcode::new_obj_ex: {
        const auto call = top(3);
        return result_of(call[0], call[1]);
      }
      case Opcode::build:
        return set_attributes(pop());
      default:
        return false;
    }
  }

  /// Pushes the result that a call would have: a tensor, the tensor inside a parameter, or an object without
  /// attributes.
  bool result_of(const Value* callee, const Value* arguments) {
    const auto* global = std::get_if<Global>(callee);
    const auto* sequence = std::get_if<Sequence>(arguments);
    if (global && sequence && global->name.starts_with("torch._utils _rebuild_tensor"))
      return push(tensor_of(*sequence));
    if (global && sequence && global->name.starts_with("torch._utils _rebuild_parameter") && !sequence->items.empty())
      return stack_.push_back(sequence->items[0]), true;
    return push(Dict{});
  }

  /// Arguments of _rebuild_tensor and _rebuild_tensor_v2: storage, offset, shape, strides, ...
  Value tensor_of(const Sequence& arguments) {
    if (arguments.items.size() < 4) fail("describes a tensor by fewer than 4 arguments");
    const auto* storage = std::get_if<Storage>(arguments.items[0]);
    const auto* offset = std::get_if<std::int64_t>(arguments.items[1]);
    if (!storage || !offset) fail("describes a tensor without a storage");
    return TensorView{*storage, *offset, integers(arguments.items[2]), integers(arguments.items[3])};
  }

  /// ('storage', class, key, location, element count)
  Value storage_of(const Value* id) {
    const auto* parts = std::get_if<Sequence>(id);
    if (!parts || parts->items.size() < 3 || string_of(parts->items[0]) != "storage")
      fail("refers to an external object that is not a storage");
    const auto* type = std::get_if<Global>(parts->items[1]);
    if (!type) return Storage{"", string_of(parts->items[2])};
    return Storage{type->name.substr(type->name.rfind(' ') + 1), string_of(parts->items[2])};
  }

  std::vector<std::int64_t> integers(const Value* value) {
    std::vector<std::int64_t> result;
    const auto* sequence = std::get_if<Sequence>(value);
    if (!sequence) fail("describes a tensor without a shape");
    for (const Value* item : sequence->items) {
      const auto* integer = std::get_if<std::int64_t>(item);
      if (!integer) fail("describes a tensor with a shape that is not made of integers");
      result.push_back(*integer);
    }
    return result;
  }

  bool set_attributes(const Value* state) {
    auto* dict = std::get_if<Dict>(back());
    const auto* attributes = std::get_if<Dict>(state);
    if (dict && attributes && dict != attributes)
      dict->items.insert(dict->items.end(), attributes->items.begin(), attributes->items.end());
    return true;
  }
  bool pairs_into_new_dict() {
    const auto items = above_mark();
    push(Dict{});
    return set_items(items);
  }
  bool set_items(const std::vector<const Value*>& items) {
    auto* dict = std::get_if<Dict>(back());
    if (!dict || items.size() % 2 != 0) fail("sets items of a value that is not a dict");
    for (std::size_t i = 0; i < items.size(); i += 2) dict->items.emplace_back(items[i], items[i + 1]);
    return true;
  }
  bool extend(const std::vector<const Value*>& items) {
    if (auto* sequence = std::get_if<Sequence>(back()))
      sequence->items.insert(sequence->items.end(), items.begin(), items.end());
    return true;  // the elements of other objects, such as a deque, are not needed
  }

  bool push(Value value) {
    if (values_.size() == values_max) fail(fmt::format("has more than {} values", values_max));
    stack_.push_back(&values_.emplace_back(std::move(value)));
    return true;
  }
  const Value* pop() { return top(1)[0]; }
  /// Pops the last `count` values.
  std::vector<const Value*> top(std::size_t count) {
    if (stack_.size() < (marks_.empty() ? 0 : marks_.back()) + count) fail("takes more values than the stack has");
    std::vector<const Value*> values(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    return values;
  }
  std::vector<const Value*> above_mark() {
    if (marks_.empty()) fail("uses a mark that was not set");
    const std::size_t mark = marks_.back();
    marks_.pop_back();
    return top(stack_.size() - mark);
  }
  Value* back() {
    if (stack_.empty()) fail("takes more values than the stack has");
    return const_cast<Value*>(stack_.back());  // every value belongs to values_
  }

  bool remember(std::size_t key) { return memo_[key] = back(), true; }
  bool recall(std::size_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) fail("recalls a value that was not stored");
    return stack_.push_back(found->second), true;
  }

  std::string string_of(const Value* value) {
    if (const auto* string = std::get_if<std::string>(value)) return *string;
    fail("has another value in the place of a string");
  }
  std::string_view take(std::uint64_t count) {
    if (count > bytes_.size()) fail("is truncated");
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  std::string text(std::uint64_t length) { return std::string(take(length)); }
  std::string line() {
    std::string result(bytes_.substr(0, bytes_.find('\n')));
    take(result.size() + 1);
    return result;
  }
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::int64_t long_number(std::size_t length) {
    const std::string_view digits = take(length);
    if (length > sizeof(std::int64_t)) return 0;  // a seed or a hash: no size is that large
    std::int64_t value = length > 0 && digits.back() < 0 ? -1 : 0;
    std::memcpy(&value, digits.data(), length);
    return value;
  }
  [[noreturn]] static void fail(std::string_view what) { throw std::runtime_error(fmt::format("the pickle {}", what)); }

  std::string_view bytes_;
  std::deque<Value>& values_;
  std::vector<const Value*> stack_;
  std::vector<std::size_t> marks_;
  std::map<std::size_t, const Value*> memo_;
};

}  // namespace

Document::Document(std::string_view bytes) : root_(Machine(bytes, values_).run()) {}

}  // namespace inpaintd::pickle
