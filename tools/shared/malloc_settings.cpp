// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/malloc_settings.h"

#include <malloc.h>

namespace inpaintd::tools {

void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the largest value that glibc accepts
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
}

}  // namespace inpaintd::tools
