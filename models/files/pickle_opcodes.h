// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace inpaintd::pickle {

/// The opcodes of pickle's protocols 2 to 4 that the picklers of PyTorch and TorchScript write, with the names of
/// Python's module pickletools.
enum class Opcode : std::uint8_t {
  // Numbers, strings and constants
  none = 'N',
  new_true = 0x88,
  new_false = 0x89,
  bin_float = 'G',
  bin_int = 'J',   // 4 bytes, signed
  bin_int1 = 'K',  // 1 byte
  bin_int2 = 'M',  // 2 bytes
  long1 = 0x8a,
  bin_unicode = 'X',  // strings: a length of 4 bytes; short ones: 1 byte; those with an 8: 8 bytes
  bin_string = 'T',
  bin_bytes = 'B',
  short_bin_unicode = 0x8c,
  short_bin_string = 'U',
  short_bin_bytes = 'C',
  bin_unicode8 = 0x8d,
  bin_bytes8 = 0x8e,

  // Containers
  mark = '(',
  empty_tuple = ')',
  empty_list = ']',
  empty_set = 0x8f,
  empty_dict = '}',
  tuple = 't',
  list = 'l',
  tuple1 = 0x85,
  tuple2 = 0x86,
  tuple3 = 0x87,
  dict = 'd',
  append = 'a',
  appends = 'e',
  add_items = 0x90,
  set_item = 's',
  set_items = 'u',

  // Memo and framing
  bin_put = 'q',
  long_bin_put = 'r',
  memoize = 0x94,
  bin_get = 'h',
  long_bin_get = 'j',
  pop = '0',
  proto = 0x80,
  frame = 0x95,
  stop = '.',

  // Objects
  global = 'c',
  stack_global = 0x93,
  bin_pers_id = 'Q',
  new_obj = 0x81,
  new_obj_ex = 0x92,
  reduce = 'R',
  build = 'b',
};

}  // namespace inpaintd::pickle
