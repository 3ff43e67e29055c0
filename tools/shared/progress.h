// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "bus/wire/wire.h"
#include "core/error.h"
#include "core/job.h"

namespace inpaintd::tools {

/// "queued, 3 ahead, about 2 s", "running in a batch of 4 on cuda:0", "done in 0.85 s": what a reply says, for people.
std::string describe_progress(const wire::Reply& reply);
/// "overloaded, trying again in 0.5 s".
std::string describe_retry(const Error& error, std::chrono::milliseconds wait);

/// How far a folder is.
struct Tally {
  std::size_t total = 0;
  std::size_t done = 0;
  std::size_t skipped = 0;  ///< the output was there already
  std::size_t failed = 0;
  std::size_t without_mask = 0;

  [[nodiscard]] std::size_t settled() const { return done + skipped + failed + without_mask; }
};

/// "[#####.....]  50/100  2.1/s  1 failed", without a line's end.
std::string progress_bar(const Tally& tally, std::chrono::milliseconds elapsed);
/// "[#####.....]  6/12 s  123 sent, 118 ok, 1 failed, 4 open", without a line's end.
std::string load_bar(Microseconds elapsed, Microseconds total, std::size_t sent, std::size_t ok, std::size_t failed);
/// "97 done, 2 were there already, 1 failed, in 45.0 s".
std::string summary(const Tally& tally, std::chrono::milliseconds elapsed);

}  // namespace inpaintd::tools
