// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint/painter.h"

#include <algorithm>

namespace inpaintd::tools {

bool has_empty_mask(const std::vector<Note>& notes) {
  return std::ranges::find(notes, note_codes::mask_empty, &Note::code) != notes.end();
}

std::string describe(const Note& note) {
  return (note.code == note_codes::mask_empty ? "warning: " : "note: ") + note.message;
}

std::string_view describe(Exact exact) {
  switch (exact) {
    case Exact::bits:
      return "outside of the holes the file is unchanged";
    case Exact::pixels:
      return "outside of the holes the pixels are unchanged";
    default:
      return "the picture is encoded anew";
  }
}

}  // namespace inpaintd::tools
