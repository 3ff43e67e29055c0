// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <new>

#include "tests/memory/failing_allocation.h"
#include "tests/memory/live_memory.h"

// The functions that this file replaces: those of the C library, or of the address sanitizer, which has its own.
#ifdef INPAINTD_ADDRESS_SANITIZER
#define REAL(function) __interceptor_##function
#else
#define REAL(function) __libc_##function
#endif

extern "C" {
void* REAL(malloc)(std::size_t);
void* REAL(calloc)(std::size_t, std::size_t);
void* REAL(realloc)(void*, std::size_t);
void* REAL(memalign)(std::size_t, std::size_t);
void REAL(free)(void*);
}

namespace {

constexpr int never = -1;
thread_local int left = never;  // number of allocations before the one that fails
thread_local bool lasting = false;
thread_local bool refused = false;

std::atomic<long> live{0};  // bytes
std::atomic<long> most{0};

/// Whether this allocation must fail; sets errno then.
bool fails() {
  if (left == never) return false;
  if (left > 0) {
    --left;
    return false;
  }
  refused = true;
  if (!lasting) left = never;
  errno = ENOMEM;
  return true;
}

// The sanitizer allocates memory before it can return sizes.
bool started = false;
[[maybe_unused]] const bool starts = [] { return started = true; }();

void* counted(void* memory) {
  if (!memory || !started) return memory;
  const long now = live += static_cast<long>(malloc_usable_size(memory));
  for (long seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
  }
  return memory;
}

void uncount(void* memory) {
  if (memory && started) live -= static_cast<long>(malloc_usable_size(memory));
}

void* new_or_null(std::size_t size, std::size_t alignment) {
  return alignment <= alignof(std::max_align_t) ? std::malloc(size) : memalign(alignment, size);
}

void* new_or_throw(std::size_t size, std::size_t alignment) {
  if (void* memory = new_or_null(size, alignment)) return memory;
  throw std::bad_alloc();
}

constexpr std::size_t usual = alignof(std::max_align_t);

}  // namespace

extern "C" {
void* malloc(std::size_t size) { return fails() ? nullptr : counted(REAL(malloc)(size)); }
void* calloc(std::size_t count, std::size_t size) { return fails() ? nullptr : counted(REAL(calloc)(count, size)); }
void* realloc(void* memory, std::size_t size) {
  if (fails()) return nullptr;
  uncount(memory);
  return counted(REAL(realloc)(memory, size));
}
void free(void* memory) {
  uncount(memory);
  REAL(free)(memory);
}
void* memalign(std::size_t alignment, std::size_t size) {
  return fails() ? nullptr : counted(REAL(memalign)(alignment, size));
}
void* aligned_alloc(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
  *memory = memalign(alignment, size);
  return *memory ? 0 : ENOMEM;
}
void* mmap(void* at, std::size_t size, int protection, int flags, int file, off_t offset) noexcept {
  if (fails()) return MAP_FAILED;
  return reinterpret_cast<void*>(syscall(SYS_mmap, at, size, protection, flags, file, offset));
}
}

// All forms are replaced, because the sanitizer replaces each form, and the delete of one must not free the memory of
// the other.
void* operator new(std::size_t size) { return new_or_throw(size, usual); }
void* operator new[](std::size_t size) { return new_or_throw(size, usual); }
void* operator new(std::size_t size, std::align_val_t align) { return new_or_throw(size, std::size_t(align)); }
void* operator new[](std::size_t size, std::align_val_t align) { return new_or_throw(size, std::size_t(align)); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return new_or_null(size, usual); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return new_or_null(size, usual); }
void* operator new(std::size_t size, std::align_val_t align, const std::nothrow_t&) noexcept {
  return new_or_null(size, std::size_t(align));
}
void* operator new[](std::size_t size, std::align_val_t align, const std::nothrow_t&) noexcept {
  return new_or_null(size, std::size_t(align));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

// Memory that libraries leak when an allocation in them fails: OpenCV the pixels of a matrix whose header it cannot
// allocate, the dynamic loader a list of names.
extern "C" const char* __lsan_default_suppressions() { return "leak:cv::fastMalloc\nleak:add_to_global_resize\n"; }

namespace inpaintd::test {

FailingAllocation::FailingAllocation(int number, How how) {
  left = number;
  lasting = how == How::onwards;
  refused = false;
}

FailingAllocation::~FailingAllocation() { left = never; }

bool FailingAllocation::happened() const { return refused; }

LiveMemory::LiveMemory() : start_(live) { most = start_; }

std::size_t LiveMemory::now() const { return static_cast<std::size_t>(std::max(live - start_, 0L)); }

std::size_t LiveMemory::peak() const { return static_cast<std::size_t>(most - start_); }

}  // namespace inpaintd::test
