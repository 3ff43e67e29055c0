// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace inpaintd::cpu {

/// A fixed set of threads that share out numbered units of work; the caller is one of them. Idle threads sleep (after a
/// few microseconds), so that several pools can live side by side. Used by one caller at a time.
class Pool {
 public:
  /// Throws std::system_error or std::bad_alloc where the system has no thread left; those already started end.
  explicit Pool(int threads);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  [[nodiscard]] int threads() const { return static_cast<int>(workers_.size()) + 1; }

  /// Calls body(unit, worker) once for every unit in [0, units), 0 <= worker < threads(), and returns when all are
  /// done. Units are handed out in order, one by one. The body must not throw.
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

  // Written before `ticket_` announces a job, read only with a valid ticket in hand: such a unit holds the job open.
  Function function_ = nullptr;
  const void* context_ = nullptr;

  // [generation:16][units:24][next unit:24]. One atomic, so that a thread that wakes up late can neither miss a job's
  // end nor take a unit of the next job for one of the last: the caller never waits for threads that took no unit.
  alignas(64) std::atomic<std::uint64_t> ticket_{0};
  alignas(64) std::atomic<int> done_{0};
  alignas(64) std::atomic<int> generation_{0};
  std::atomic<bool> stop_{false};
  std::vector<std::thread> workers_;
};

}  // namespace inpaintd::cpu
