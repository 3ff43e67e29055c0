// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "core/fingerprint.h"
#include "core/request.h"

namespace inpaintd {

/// Takes fingerprints of requests with XXH3, at memory speed. The hash is not a cryptographic one, so each object has a
/// secret of its own: without it nobody can make two pictures whose fingerprints are the same, to get at another
/// client's answer. Fingerprints of two objects cannot be compared. Thread safe.
class Fingerprinter {
 public:
  Fingerprinter();

  /// Of all that a request's answer depends on: picture, mask and options, as they were sent. Not of its id, timeout,
  /// priority and wish for progress.
  [[nodiscard]] Fingerprint of(const Request& request) const;

  /// Of all that the work on a mask depends on: the mask as it was sent, the picture's size, and the options that shape
  /// holes and tiles.
  [[nodiscard]] Fingerprint of(const MaskSource& mask, Size picture, const Options& options) const;

 private:
  template <class T>
  [[nodiscard]] Fingerprint hash(const T* items, std::size_t count) const;
  [[nodiscard]] Fingerprint of_source(const auto& source) const;

  std::array<std::uint64_t, 24> secret_;
};

}  // namespace inpaintd
