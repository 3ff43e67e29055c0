// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace inpaintd {

/// 128 bits that stand for some content: equal content has equal fingerprints, and different content has different ones
/// with a probability that is practically 1.
struct Fingerprint {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend auto operator<=>(const Fingerprint&, const Fingerprint&) = default;
};

}  // namespace inpaintd

/// The lower half is a good hash, because all bits of a fingerprint are equally random.
template <>
struct std::hash<inpaintd::Fingerprint> {
  std::size_t operator()(const inpaintd::Fingerprint& print) const noexcept { return print.low; }
};
