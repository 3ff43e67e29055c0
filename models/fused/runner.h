// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "core/pixels.h"
#include "models/fused/device_operations.h"
#include "models/fused/device_share.h"

namespace inpaintd {

/// The size of a batch's pictures, and their number.
struct Shape {
  Size size;
  std::size_t count = 0;

  [[nodiscard]] std::size_t pixels() const {
    return count * static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
  }
  friend bool operator==(const Shape&, const Shape&) = default;
};

/// The work of an engine on its device for batches of one shape. The object owns its tensors, so that the work can be
/// recorded.
class ShapeWork {
 public:
  virtual ~ShapeWork() = default;
  virtual void upload() = 0;    ///< the batch from the host
  virtual void compute() = 0;   ///< the part that is recorded: must not wait for the device
  virtual void download() = 0;  ///< the predictions to the host
};

/// Runs the work of one engine on its device, in the order that CUDA and LibTorch need: on the engine's own stream, in
/// turns with the other engines of the device, each piece complete when the call returns.
///
/// Repeated work of one shape is recorded as a CUDA graph, which takes one launch instead of a thousand. A recording
/// takes memory and time and blocks the other engines, so the first two runs of a shape are plain; in these runs the
/// libraries also choose their algorithms and allocate their workspaces, which must not happen in a recording. All
/// recordings together are bounded by a share of the device's memory: a new one replaces those that were not used for a
/// while, or is not made.
///
/// Exceptions of the work are thrown again, or DeviceLost if the device does not work any more. Used by one thread at a
/// time.
class Runner {
 public:
  using Work = DeviceOperations::Work;
  using MakeWork = std::function<std::unique_ptr<ShapeWork>()>;
  using Warn = std::function<void(const std::string&)>;

  static constexpr int plain_runs = 2;              ///< plain runs of a shape before it is recorded
  static constexpr std::size_t memory_share = 8;    ///< all recordings take at most 1/8 of the device's memory
  static constexpr std::uint64_t idle_runs = 1000;  ///< a recording not used for this number of runs may be replaced
  static constexpr std::size_t shapes_remembered = 256;  ///< with or without a recording

  explicit Runner(c10::Device device, Warn warn = {});
  Runner(std::unique_ptr<DeviceOperations> operations, std::shared_ptr<DeviceShare> share, Warn warn = {});
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  /// Runs `work`, which loads or builds the engine, while the device has no other work.
  void prepare(const Work& work);
  /// Runs `work` once.
  void run(const Work& work);
  /// Runs the work of `shape`, which `make` makes if no recording exists. Returns true if this run included
  /// preparations that later runs do not repeat (see Inpainter::last_run_prepared).
  bool run(const Shape& shape, const MakeWork& make);

  /// Drops the least recently used half of the recordings, and returns unused memory to the device.
  void release_memory();

  /// The memory of all recordings in bytes.
  [[nodiscard]] std::size_t recorded_bytes() const;
  [[nodiscard]] at::Tensor host_bytes(std::int64_t count) const { return operations_->host_bytes(count); }

 private:
  struct Known {
    Shape shape;
    int runs = 0;
    bool refused = false;  ///< a recording failed, and is not tried again
    std::uint64_t last_run = 0;
    std::unique_ptr<ShapeWork> work;  ///< of the recording
    Work replay;                      ///< empty: not recorded
    std::size_t bytes = 0;
  };

  void finish(const Work& work);
  [[noreturn]] void fail();
  Known& known(const Shape& shape);
  [[nodiscard]] bool is_worth_recording(const Known& known) const;
  bool record(Known& known, const MakeWork& make);
  void capture(Known& known, const MakeWork& make);
  [[nodiscard]] std::size_t expected_bytes(const Shape& shape) const;
  bool make_room(std::size_t bytes);
  void forget(Known& known);
  void free_unused();
  void warn(const std::string& text) const;

  std::unique_ptr<DeviceOperations> operations_;
  std::shared_ptr<DeviceShare> share_;
  Warn warn_;
  std::size_t bytes_max_;
  std::list<Known> known_;  ///< most recently used first
  std::uint64_t runs_ = 0;
  double bytes_per_pixel_ = 0;  ///< the largest value of all recordings so far
};

}  // namespace inpaintd
