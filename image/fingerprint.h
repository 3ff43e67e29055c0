// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "core/fingerprint.h"
#include "core/request.h"

namespace inpaintd {

/// Computes fingerprints of requests with XXH3, at the speed of memory. XXH3 is not cryptographic, so each object has a
/// secret of its own: without the secret, nobody can make two pictures with equal fingerprints to receive the answer to
/// another client's request. Fingerprints of two objects cannot be compared. Thread safe.
class Fingerprinter {
 public:
  Fingerprinter();

  /// The fingerprint of everything that determines the answer to a request: picture, mask and options, as they were
  /// sent; not the id, timeout, priority and wish for progress.
  [[nodiscard]] Fingerprint of(const Request& request) const;

  /// The fingerprint of everything that determines the work on a mask: the mask as it was sent, the size of the
  /// picture, and the options that shape holes and tiles.
  [[nodiscard]] Fingerprint of(const MaskSource& mask, Size picture, const Options& options) const;

 private:
  template <class T>
  [[nodiscard]] Fingerprint hash(const T* items, std::size_t count) const;
  [[nodiscard]] Fingerprint of_source(const auto& source) const;

  std::array<std::uint64_t, 24> secret_;
};

}  // namespace inpaintd
