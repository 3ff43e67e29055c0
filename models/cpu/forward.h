// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/pixels.h"
#include "models/cpu/profile.h"

namespace inpaintd::cpu {

/// One picture, [height][width][3], and its mask, [height][width], both without gaps between rows. A mask sample above
/// 127 is a hole.
struct Source {
  const std::uint8_t* image = nullptr;
  const std::uint8_t* mask = nullptr;
};

/// The memory for one prediction, [height][width][3]: as bytes, as floats 0..1, or both.
struct Target {
  std::uint8_t* bytes = nullptr;
  float* values = nullptr;
  Rect need{};  ///< the part to compute and write; empty means the whole picture
};

/// Stores one row of a prediction from sample `at` on. Bytes are truncated, as published LaMa code does. Returns false
/// if a value is not a number; the byte of such a value is 0.
bool store_row(const float* row, std::size_t samples, std::size_t at, const Target& target);

/// The packed weights of a whole network for one kernel set, and the order of its layers. Used by one thread at a time.
class Forward {
 public:
  virtual ~Forward() = default;

  /// Runs a batch of pictures of one size, and writes each prediction where its target needs it. Returns the index of
  /// the first prediction that holds a NaN, if any does. Throws std::bad_alloc if memory runs out; the arena may then
  /// be freed, and the next run starts anew.
  virtual std::optional<std::size_t> run(std::span<const Source> sources, Size size, std::span<const Target> targets,
                                         Profile* profile) = 0;
  /// Gives the arena back to the system; the next run allocates a new one.
  virtual void release_memory() = 0;

  /// The sides of pictures are multiples of this number.
  [[nodiscard]] virtual int side_multiple() const = 0;
  [[nodiscard]] virtual std::size_t weight_bytes() const = 0;
  [[nodiscard]] virtual std::size_t arena_bytes() const = 0;
};

}  // namespace inpaintd::cpu
