// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "bus/wire/wire.h"
#include "core/time.h"

namespace inpaintd::tools {

/// Describes a reply for people: "queued, 3 ahead, about 2 s", "running in a batch of 4 on cuda:0", "done in 0.85 s".
std::string describe_progress(const wire::Reply& reply);
/// "overloaded, next attempt in 0.5 s". `code` is the error that a request ended with.
std::string describe_retry(std::string_view code, std::chrono::milliseconds wait);

/// Counts of the pictures of a folder.
struct Tally {
  std::size_t total = 0;
  std::size_t done = 0;
  std::size_t skipped = 0;  ///< the output existed already
  std::size_t failed = 0;
  std::size_t without_mask = 0;
  std::size_t empty_masks = 0;  ///< of `done`: the mask had no hole
  std::size_t left_out = 0;     ///< files that are no pictures to fill; not in `total`

  [[nodiscard]] std::size_t settled() const { return done + skipped + failed + without_mask; }
};

/// "[#####.....]  50/100  2.1/s  1 failed", without a newline. The rate counts pictures that were done or failed.
std::string progress_bar(const Tally& tally, std::chrono::milliseconds elapsed);
/// "[#####.....]  6/12 s  123 sent, 118 ok, 1 failed, 4 open", without a newline.
std::string load_bar(Microseconds elapsed, Microseconds total, std::size_t sent, std::size_t ok, std::size_t failed);
/// "97 done, 2 already there, 1 failed, in 45.0 s". Counts of 0 are left out, except the first.
std::string summary(const Tally& tally, std::chrono::milliseconds elapsed);

}  // namespace inpaintd::tools
