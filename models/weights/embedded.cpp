// SPDX-License-Identifier: Apache-2.0
#include "models/weights/embedded.h"

// The assembler includes the file as it is, which is faster than the compilation of a generated array.
asm(R"(
  .pushsection .rodata
  .balign 64
inpaintd_weights_begin:
  .incbin ")" INPAINTD_DEFAULT_WEIGHTS R"("
inpaintd_weights_end:
  .popsection
)");

extern "C" {
extern const std::byte inpaintd_weights_begin[];
extern const std::byte inpaintd_weights_end[];
}

namespace inpaintd {

std::span<const std::byte> embedded_weights() { return {inpaintd_weights_begin, inpaintd_weights_end}; }

}  // namespace inpaintd
