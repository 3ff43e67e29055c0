// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace inpaintd::cpu {

/// A deleter that unmaps `bytes` bytes of pages.
struct Unmap {
  std::size_t bytes = 0;
  void operator()(float* p) const;
};

/// Zeroed memory in pages of its own, huge pages if the system has them. The destructor returns the memory to the
/// system.
class Buffer {
 public:
  Buffer() = default;
  /// Maps memory for `floats` floats. Throws std::bad_alloc.
  explicit Buffer(std::size_t floats);

  [[nodiscard]] float* data() const { return data_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::unique_ptr<float[], Unmap> data_;
  std::size_t size_ = 0;
};

/// An allocator for memory that is freed all together: it hands out pieces of large buffers, aligned to cache lines.
class Store {
 public:
  /// Zeroed memory for `floats` floats. Throws std::bad_alloc.
  float* take(std::size_t floats);
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  std::vector<Buffer> buffers_;
  std::size_t used_ = 0;  ///< floats handed out of the last buffer
  std::size_t bytes_ = 0;
};

/// Plans the places of tensors with known lifetimes in one buffer of peak() floats. Tensors are taken and released in
/// the order of execution; each goes to the first gap that is large enough.
class ArenaPlan {
 public:
  /// The offset of a new tensor in floats, a multiple of a cache line. Throws std::bad_alloc.
  std::size_t take(std::size_t floats);
  /// Frees the tensor at `offset`.
  void release(std::size_t offset);
  [[nodiscard]] std::size_t peak() const { return peak_; }

 private:
  struct Piece {
    std::size_t begin;
    std::size_t end;
  };
  std::vector<Piece> taken_;  ///< sorted by place
  std::size_t peak_ = 0;
};

}  // namespace inpaintd::cpu
