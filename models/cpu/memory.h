// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace inpaintd::cpu {

/// Gives `bytes` of pages back to the system.
struct Unmap {
  std::size_t bytes = 0;
  void operator()(float* p) const;
};

/// Zeroed memory of its own pages, huge ones where the system has them, returned to the system at the end.
class Buffer {
 public:
  Buffer() = default;
  /// Throws std::bad_alloc.
  explicit Buffer(std::size_t floats);

  [[nodiscard]] float* data() const { return data_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::unique_ptr<float[], Unmap> data_;
  std::size_t size_ = 0;
};

/// Hands out pieces of large buffers, aligned to cache lines; frees them all together.
class Store {
 public:
  float* take(std::size_t floats);
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  std::vector<Buffer> buffers_;
  std::size_t used_ = 0;  ///< floats of the last buffer
  std::size_t bytes_ = 0;
};

/// Plans where tensors with known lifetimes go in one buffer: take and release in the order of execution, then bind
/// offsets to a buffer of peak() floats.
class ArenaPlan {
 public:
  /// An offset in floats, a multiple of a cache line.
  std::size_t take(std::size_t floats);
  void release(std::size_t offset);
  [[nodiscard]] std::size_t peak() const { return peak_; }

 private:
  struct Piece {
    std::size_t begin;
    std::size_t end;
  };
  std::vector<Piece> taken_;  ///< sorted
  std::size_t peak_ = 0;
};

}  // namespace inpaintd::cpu
