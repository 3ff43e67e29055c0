// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace inpaintd::tools {

/// Makes malloc keep up to 512 MiB of freed memory in each arena instead of returning it to the kernel. To be called at
/// the start of programs that receive or send many pictures: each message allocates and frees buffers of a megabyte,
/// and by default each buffer is mapped, faulted in page by page and unmapped, which costs more than all other work on
/// it.
void keep_freed_memory();

}  // namespace inpaintd::tools
