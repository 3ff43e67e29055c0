// SPDX-License-Identifier: Apache-2.0
#include "models/files/pickle.h"

#include <cstring>
#include <map>
#include <stdexcept>

namespace inpaintd::pickle {
namespace {

constexpr std::size_t values_max = 10'000'000;

/// Protocol 2 to 4 as written by Python's and TorchScript's picklers. The letters are pickle's own opcodes.
class Machine {
 public:
  Machine(std::string_view bytes, std::deque<Value>& values) : bytes_(bytes), values_(values) {}

  const Value* run() {
    for (;;) {
      const auto code = static_cast<unsigned char>(take(1)[0]);
      if (code == '.') return pop();
      if (!scalar(code) && !container(code) && !memo(code) && !object(code))
        fail("has opcode " + std::to_string(code) + ", which PyTorch does not write");
    }
  }

 private:
  bool scalar(unsigned char code) {
    switch (code) {
      case 'N':
      case 0x88:
      case 0x89:
        return push(Opaque{});
      case 'G':
        return take(8), push(Opaque{});
      case 'J':
        return push(std::int64_t{static_cast<std::int32_t>(number<std::uint32_t>())});
      case 'K':
        return push(std::int64_t{number<std::uint8_t>()});
      case 'M':
        return push(std::int64_t{number<std::uint16_t>()});
      case 0x8a:
        return push(long_number(number<std::uint8_t>()));
      case 'X':
      case 'T':
      case 'B':
        return push(text(number<std::uint32_t>()));
      case 0x8c:
      case 'U':
      case 'C':
        return push(text(number<std::uint8_t>()));
      case 0x8d:
      case 0x8e:
        return push(text(number<std::uint64_t>()));
      default:
        return false;
    }
  }

  bool container(unsigned char code) {
    switch (code) {
      case '(':
        return marks_.push_back(stack_.size()), true;
      case ')':
      case ']':
      case 0x8f:
        return push(Sequence{});
      case '}':
        return push(Dict{});
      case 't':
      case 'l':
        return push(Sequence{above_mark()});
      case 0x85:
        return push(Sequence{top(1)});
      case 0x86:
        return push(Sequence{top(2)});
      case 0x87:
        return push(Sequence{top(3)});
      case 'd':
        return pairs_into_new_dict();
      case 'a':
        return extend(top(1));
      case 'e':
      case 0x90:
        return extend(above_mark());
      case 's':
        return set_items(top(2));
      case 'u':
        return set_items(above_mark());
      default:
        return false;
    }
  }

  bool memo(unsigned char code) {
    switch (code) {
      case 'q':
        return remember(number<std::uint8_t>());
      case 'r':
        return remember(number<std::uint32_t>());
      case 0x94:
        return remember(memo_.size());
      case 'h':
        return recall(number<std::uint8_t>());
      case 'j':
        return recall(number<std::uint32_t>());
      case '0':
        return pop(), true;
      case 0x80:
        return take(1), true;  // protocol
      case 0x95:
        return take(8), true;  // frame
      default:
        return false;
    }
  }

  bool object(unsigned char code) {
    switch (code) {
      case 'c': {
        const std::string module = line();
        return push(Global{module + " " + line()});
      }
      case 0x93: {
        const auto names = top(2);
        return push(Global{string_of(names[0]) + " " + string_of(names[1])});
      }
      case 'Q':
        return push(storage_of(pop()));
      case 0x81:
      case 'R': {
        const auto call = top(2);
        return result_of(call[0], call[1]);
      }
      case 0x92: {
        const auto call = top(3);
        return result_of(call[0], call[1]);
      }
      case 'b':
        return set_attributes(pop());
      default:
        return false;
    }
  }

  /// What a call would return, as far as it matters here: a tensor, its parameter wrapper, or an object to be filled.
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
    if (arguments.items.size() < 4) fail("describes a tensor with too few parts");
    const auto* storage = std::get_if<Storage>(arguments.items[0]);
    const auto* offset = std::get_if<std::int64_t>(arguments.items[1]);
    if (!storage || !offset) fail("describes a tensor without a storage");
    return TensorView{*storage, *offset, integers(arguments.items[2]), integers(arguments.items[3])};
  }

  /// ('storage', class, key, location, element count)
  Value storage_of(const Value* id) {
    const auto* parts = std::get_if<Sequence>(id);
    if (!parts || parts->items.size() < 3 || string_of(parts->items[0]) != "storage") fail("has an unknown reference");
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
      if (!integer) fail("describes a tensor with a broken shape");
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
    if (!dict || items.size() % 2 != 0) fail("sets items of what is no dict");
    for (std::size_t i = 0; i < items.size(); i += 2) dict->items.emplace_back(items[i], items[i + 1]);
    return true;
  }
  bool extend(const std::vector<const Value*>& items) {
    if (auto* sequence = std::get_if<Sequence>(back()))
      sequence->items.insert(sequence->items.end(), items.begin(), items.end());
    return true;  // of other objects, such as a pickled deque, the elements do not matter
  }

  bool push(Value value) {
    if (values_.size() == values_max) fail("is too large");
    stack_.push_back(&values_.emplace_back(std::move(value)));
    return true;
  }
  const Value* pop() { return top(1)[0]; }
  /// The last `count` values, taken off the stack.
  std::vector<const Value*> top(std::size_t count) {
    if (stack_.size() < (marks_.empty() ? 0 : marks_.back()) + count) fail("takes more values than there are");
    std::vector<const Value*> values(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    return values;
  }
  std::vector<const Value*> above_mark() {
    if (marks_.empty()) fail("lacks a mark");
    const std::size_t mark = marks_.back();
    marks_.pop_back();
    return top(stack_.size() - mark);
  }
  Value* back() {
    if (stack_.empty()) fail("takes more values than there are");
    return const_cast<Value*>(stack_.back());  // all values are this machine's own
  }

  bool remember(std::size_t key) { return memo_[key] = back(), true; }
  bool recall(std::size_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) fail("refers to a value that is not there");
    return stack_.push_back(found->second), true;
  }

  std::string string_of(const Value* value) {
    if (const auto* string = std::get_if<std::string>(value)) return *string;
    fail("lacks a string");
  }
  std::string_view take(std::uint64_t count) {
    if (count > bytes_.size()) fail("ends too early");
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
    if (length > sizeof(std::int64_t)) return 0;  // seeds and hashes; no size is that large
    std::int64_t value = length > 0 && digits.back() < 0 ? -1 : 0;
    std::memcpy(&value, digits.data(), length);
    return value;
  }
  [[noreturn]] static void fail(const std::string& what) { throw std::runtime_error("its pickle " + what); }

  std::string_view bytes_;
  std::deque<Value>& values_;
  std::vector<const Value*> stack_;
  std::vector<std::size_t> marks_;
  std::map<std::size_t, const Value*> memo_;
};

}  // namespace

Document::Document(std::string_view bytes) : root_(Machine(bytes, values_).run()) {}

}  // namespace inpaintd::pickle
