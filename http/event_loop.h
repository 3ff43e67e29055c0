// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace inpaintd {

/// Where code runs: one thread on which everything happens that shares state, and a few beside it for long work.
class Loop {
 public:
  virtual ~Loop() = default;
  /// Runs `call` on the loop's thread, after all calls that were posted before. May be called from any thread.
  virtual void post(std::function<void()> call) = 0;
  /// Runs `work` on another thread. `work` may not throw.
  virtual void offload(std::function<void()> work) = 0;
  /// Runs `call` on the loop's thread when `time` has passed.
  virtual void after(std::chrono::milliseconds time, std::function<void()> call) = 0;
};

/// A Loop with threads of its own.
class EventLoop : public Loop {
 public:
  class Impl;
  explicit EventLoop(int work_threads = 2);
  ~EventLoop() override;

  void post(std::function<void()> call) override;
  void offload(std::function<void()> work) override;
  void after(std::chrono::milliseconds time, std::function<void()> call) override;

  /// Runs `call` on the loop's thread and waits for it; not to be called there, and not after `stop`.
  void run(const std::function<void()>& call);
  /// Ends the threads; calls that were posted and did not run are dropped. Nothing runs afterwards.
  void stop();

  [[nodiscard]] Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace inpaintd
