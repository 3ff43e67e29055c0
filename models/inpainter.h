// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/pixels.h"
#include "core/result.h"
#include "models/engine_options.h"

namespace inpaintd {

/// Why a batch was not answered, as far as the caller can act on it.
struct EngineFailure {
  enum class Kind : std::uint8_t {
    failed,         ///< this batch; another may work
    out_of_memory,  ///< a smaller batch may work
    not_finite,     ///< the answer to one input holds NaN or Inf
    device_lost,    ///< nothing will work on this device until the process restarts
  };
  Kind kind = Kind::failed;
  std::string message;
};

/// What one run of the network takes; both pictures have the same size, a multiple of 8 in each direction.
struct NetworkInput {
  const Pixels* image = nullptr;  ///< RGB
  const Pixels* mask = nullptr;   ///< 1 channel; a sample > 127 is a hole
  Rect need{};                    ///< the part of the prediction that is used, inside the picture; empty: all of it
};

/// What one class of an engine's layers cost, summed over all runs.
struct LayerCost {
  std::string name;
  double seconds = 0;  ///< wall time
  double flops = 0;    ///< multiplications and additions that were really done; 0 where memory decides, as in an FFT
};

/// Fills holes: the one interface between the engines and everything else. An object is used by one thread at a time.
class Inpainter {
 public:
  virtual ~Inpainter() = default;

  /// Runs one batch of inputs of equal size. Returns one RGB picture of that size per input, in order: the network's
  /// prediction for every pixel that is needed, not composed with the source; the others are unspecified. A prediction
  /// depends on its own input alone, not on its place in the batch nor on its neighbours, nor on what is needed. On
  /// CUDA devices this holds up to rounding: libraries choose other algorithms for other counts. Never throws.
  virtual Result<std::vector<Pixels>, EngineFailure> run(std::span<const NetworkInput> batch) = 0;

  /// Whether the last run also did what later runs of its size and count need not do again, such as choosing algorithms
  /// or recording work: the time that it took says nothing of theirs.
  [[nodiscard]] virtual bool last_run_prepared() const { return false; }

  /// Gives back what memory the engine keeps for later runs: called after `out_of_memory`, before a smaller batch.
  virtual void release_memory() {}

  /// How many inputs were computed once more in fp32 because their first answer held NaN or Inf.
  [[nodiscard]] virtual std::uint64_t retries() const { return 0; }

  /// A line for people: engine, weights, device, precision, threads.
  [[nodiscard]] virtual std::string describe() const = 0;
  /// Short model name for replies and metrics, such as "big-lama" or "default".
  [[nodiscard]] virtual std::string model_name() const = 0;
  /// "cpu" or "cuda:N".
  [[nodiscard]] virtual std::string device_name() const = 0;
  /// "fp32", "fp16" or "bf16"; "none" where nothing is computed.
  [[nodiscard]] virtual std::string precision() const { return "unknown"; }
  /// How the network is computed: "fused", "reference", "script", an instruction set of the CPU engine, or "null".
  [[nodiscard]] virtual std::string way() const { return "unknown"; }
  /// In the order of execution; empty unless EngineOptions::profile was set and the engine can tell.
  [[nodiscard]] virtual std::vector<LayerCost> profile() const { return {}; }
};

/// Loads one model replica; called on the thread that will use it.
using EngineFactory = std::function<Result<std::unique_ptr<Inpainter>, EngineFailure>()>;

/// Receives the reason why a faster way to compute the network is not used.
using EngineWarning = std::function<void(const std::string&)>;

/// Loads the weights and readies the device. `warn` may be empty. Errors say which file, tensor or device, and what to
/// do.
Result<std::unique_ptr<Inpainter>, EngineFailure> make_inpainter(const EngineOptions& options,
                                                                 const EngineWarning& warn = {});

/// What the engines stand on, such as "LibTorch 1.13.1".
std::string engine_library();

/// Whether this build has code for GPUs, be one there or not.
bool built_for_cuda();

/// Every device that this build and machine offer, best first: "cuda:0", ..., "cpu".
std::vector<std::string> available_devices();

}  // namespace inpaintd
