// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace inpaintd::cpu {

/// A fixed set of threads that share numbered units of work; the caller's thread is one of them. Idle threads sleep
/// after a few microseconds, so that several pools can exist at once. A pool is used by one caller at a time.
class Pool {
 public:
  /// Starts threads - 1 threads. Throws std::system_error or std::bad_alloc if one cannot be started; those already
  /// started end.
  explicit Pool(int threads);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  [[nodiscard]] int threads() const { return static_cast<int>(workers_.size()) + 1; }

  /// Calls body(unit, worker) once for every unit in [0, units), with 0 <= worker < threads(), and returns when all
  /// calls have returned. Units are handed out in order, one by one. The body must not throw.
  template <class Body>
  void parallel(int units, const Body& body) {
    run(
        units, [](const void* context, int unit, int worker) { (*static_cast<const Body*>(context))(unit, worker); },
        &body);
  }

 private:
  Pool() = default;

  using Function = void (*)(const void* context, int unit, int worker);

  void run(int units, Function function, const void* context);
  void work(int worker);
  void serve(int worker);

  // Written before `ticket_` announces a job, and read only by a thread that holds one of the job's units: the job
  // cannot end before that unit is done.
  Function function_ = nullptr;
  const void* context_ = nullptr;

  // [generation:16][units:24][next unit:24] in one atomic. So a thread that wakes up late sees that the job is over,
  // and cannot mistake a unit of the next job for one of the previous job; the caller never waits for threads that took
  // no unit.
  alignas(64) std::atomic<std::uint64_t> ticket_{0};
  alignas(64) std::atomic<int> done_{0};
  alignas(64) std::atomic<int> generation_{0};
  std::atomic<bool> stop_{false};
  std::vector<std::thread> workers_;
};

}  // namespace inpaintd::cpu
