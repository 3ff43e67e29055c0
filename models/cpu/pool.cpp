// SPDX-License-Identifier: Apache-2.0
#include "models/cpu/pool.h"

#include <algorithm>
#include <cassert>

namespace inpaintd::cpu {
namespace {

constexpr int unit_bits = 24;
constexpr std::uint64_t unit_mask = (std::uint64_t{1} << unit_bits) - 1;

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

/// Returns when `value` is no longer `old`. Spins for some microseconds, the usual time between two layers, then
/// sleeps.
void wait_for_change(const std::atomic<int>& value, int old) {
  for (int i = 0; i < 200; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
    relax();
  }
  value.wait(old, std::memory_order_acquire);
}

}  // namespace

// When the body throws after the delegated constructor has finished, the destructor runs and ends the threads so far.
Pool::Pool(int threads) : Pool() {
  workers_.reserve(static_cast<std::size_t>(std::max(threads - 1, 0)));
  for (int worker = 1; worker < threads; ++worker) workers_.emplace_back([this, worker] { serve(worker); });
}

Pool::~Pool() {
  stop_.store(true);
  generation_.fetch_add(1);
  generation_.notify_all();
  for (auto& worker : workers_) worker.join();
}

void Pool::run(int units, Function function, const void* context) {
  assert(units >= 0 && static_cast<std::uint64_t>(units) < unit_mask / 2);
  if (units == 0) return;
  if (units == 1 || workers_.empty()) {
    for (int unit = 0; unit < units; ++unit) function(context, unit, 0);
    return;
  }
  function_ = function;
  context_ = context;
  done_.store(0, std::memory_order_relaxed);
  const auto generation = static_cast<std::uint64_t>(generation_.load(std::memory_order_relaxed)) & 0xFFFF;
  ticket_.store(generation << (2 * unit_bits) | static_cast<std::uint64_t>(units) << unit_bits,
                std::memory_order_release);
  generation_.fetch_add(1, std::memory_order_release);
  generation_.notify_all();
  work(0);
  for (int done = done_.load(std::memory_order_acquire); done != units; done = done_.load(std::memory_order_acquire))
    wait_for_change(done_, done);
}

void Pool::work(int worker) {
  for (;;) {
    const std::uint64_t ticket = ticket_.fetch_add(1, std::memory_order_acq_rel);
    const int unit = static_cast<int>(ticket & unit_mask);
    const int units = static_cast<int>(ticket >> unit_bits & unit_mask);
    if (unit >= units) return;
    function_(context_, unit, worker);
    if (done_.fetch_add(1, std::memory_order_acq_rel) + 1 == units) done_.notify_one();
  }
}

void Pool::serve(int worker) {
  int seen = 0;
  while (!stop_.load()) {
    wait_for_change(generation_, seen);
    seen = generation_.load(std::memory_order_acquire);
    work(worker);
  }
}

}  // namespace inpaintd::cpu
