// SPDX-License-Identifier: Apache-2.0
#include "models/cpu/memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace inpaintd::cpu {
namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20;
constexpr std::size_t line = 16;  // floats

std::size_t round_up(std::size_t value, std::size_t unit) { return (value + unit - 1) / unit * unit; }

}  // namespace

Buffer::Buffer(std::size_t floats) : size_(floats) {
  const std::size_t bytes = round_up(std::max<std::size_t>(floats * sizeof(float), 1), huge_page);
  void* p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) throw std::bad_alloc();
  madvise(p, bytes, MADV_HUGEPAGE);
  data_ = std::unique_ptr<float[], Unmap>(static_cast<float*>(p), Unmap{bytes});
}

void Unmap::operator()(float* p) const { munmap(p, bytes); }

float* Store::take(std::size_t floats) {
  constexpr std::size_t usual = std::size_t{16} << 20;  // floats: 64 MiB
  const std::size_t rounded = round_up(floats, line);
  if (buffers_.empty() || buffers_.back().size() - used_ < rounded) {
    buffers_.emplace_back(std::max(rounded, usual));
    used_ = 0;
  }
  float* p = buffers_.back().data() + used_;
  used_ += rounded;
  bytes_ += rounded * sizeof(float);
  return p;
}

std::size_t ArenaPlan::take(std::size_t floats) {
  const std::size_t size = round_up(std::max<std::size_t>(floats, 1), line);
  std::size_t begin = 0;
  auto at = taken_.begin();
  for (; at != taken_.end() && at->begin - begin < size; ++at) begin = at->end;
  taken_.insert(at, {begin, begin + size});
  peak_ = std::max(peak_, begin + size);
  return begin;
}

void ArenaPlan::release(std::size_t offset) {
  std::erase_if(taken_, [offset](const Piece& piece) { return piece.begin == offset; });
}

}  // namespace inpaintd::cpu
