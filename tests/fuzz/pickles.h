// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// Pickles for the seeds, opcode by opcode as Python's and TorchScript's picklers write them.
namespace inpaintd::fuzz {

/// The bytes of a literal, zeros included.
template <std::size_t n>
std::string bytes(const char (&literal)[n]) {
  return {literal, n - 1};
}

inline std::string pickled(const std::string& text) {
  return "X" + std::string{static_cast<char>(text.size()), 0, 0, 0} + text;
}

inline std::string pickled_tuple(const std::vector<std::uint8_t>& numbers) {
  std::string bytes = "(";
  for (const std::uint8_t number : numbers) bytes.append("K").append(1, static_cast<char>(number));
  return bytes + "t";
}

/// A tensor in the record "data/0"; `type` is such as "FloatStorage".
inline std::string pickled_tensor(const std::string& type, std::uint8_t offset, const std::vector<std::uint8_t>& shape,
                                  const std::vector<std::uint8_t>& strides) {
  return "ctorch._utils\n_rebuild_tensor_v2\n((" + pickled("storage") + "ctorch\n" + type + "\n" + pickled("0") +
         pickled("cpu") + "K\x08tQK" + static_cast<char>(offset) + pickled_tuple(shape) + pickled_tuple(strides) +
         "\x89" + "ccollections\nOrderedDict\n)RtR";
}

/// What torch.save and TorchScript write, and objects that hold themselves or each other.
inline std::vector<std::string> pickles() {
  const std::string start = "\x80\x02", ordered_dict = "ccollections\nOrderedDict\nq\x01)R";
  const std::string plain = pickled("model.1.w") + pickled_tensor("FloatStorage", 0, {2, 2}, {2, 1});
  const std::string parameter = pickled("model.2.w") + "ctorch._utils\n_rebuild_parameter\n" +
                                pickled_tensor("HalfStorage", 1, {2, 3}, {1, 2}) + "\x89" + ordered_dict + "\x87R";
  const std::string scalar = pickled("model.3.w") + pickled_tensor("BFloat16Storage", 2, {}, {});
  return {
      start + ordered_dict + "(" + plain + parameter + scalar + "u}" + pickled("_metadata") + ordered_dict + "sb.",
      start + "}(" + pickled("epoch") + "K\x03" + pickled("state_dict") + ordered_dict + "(" + plain + "uu.",
      start + "c__torch__\nNet\nq\x01)\x81}(" + pickled("_modules") + "}" + pickled("a") + "h\x01)\x81}" + plain +
          "sbs" + pickled("training") + "\x88" + "ub.",
      start + "}q\x05(" + pickled("self") + "h\x05" + pickled("model.1.w") +
          pickled_tensor("DoubleStorage", 0, {1, 4}, {9, 1}) + "u.",
      start + "}q\x05(" + pickled("model") + "h\x05" + pickled("again") + "h\x05" + pickled("1.w") +
          pickled_tensor("FloatStorage", 0, {8}, {1}) + "u.",
      bytes("\x80\x04\x95\x10\0\0\0\0\0\0\0\x8c\x01"
            "a\x94\x8f\x94(K\x01M\x01\x02J\xff\xff\xff\xff\x8a\x02\x00\x80\x90\x86."),
      start + "]q\x01(h\x01NG12345678\x88\x89" + "e.",
      "cos\nsystem\n(X\x04" + std::string(3, '\0') + "ruintR.",
  };
}

}  // namespace inpaintd::fuzz
