// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/network_traits.h"
#include "core/pixels.h"
#include "core/result.h"
#include "models/engine_options.h"

namespace inpaintd {

/// Why a batch failed, in the kinds that a caller treats differently.
struct EngineFailure {
  enum class Kind : std::uint8_t {
    failed,         ///< this batch failed; another one may work
    out_of_memory,  ///< a smaller batch may work
    not_finite,     ///< the prediction of one input holds NaN or Inf
    device_lost,    ///< every batch on this device fails until the process restarts
  };
  Kind kind = Kind::failed;
  std::string message;
};

/// One input of the network. Both pictures have the same size, in each direction a multiple of
/// NetworkTraits::side_multiple and at least 16.
struct NetworkInput {
  const Pixels* image = nullptr;  ///< RGB
  const Pixels* mask = nullptr;   ///< 1 channel; a sample > 127 is a hole
  Rect need{};                    ///< the part of the prediction that is used, inside the picture; empty: all of it
};

/// The cost of one class of an engine's layers, summed over all runs.
struct LayerCost {
  std::string name;
  double seconds = 0;  ///< wall time
  double flops = 0;    ///< multiplications and additions that were done; 0 if memory bounds the time, as in an FFT
};

/// An engine: one loaded model on one device. This is the only interface between the engines and the service. An object
/// is used by one thread at a time.
class Inpainter {
 public:
  virtual ~Inpainter() = default;

  /// Runs one batch of inputs of equal size. Returns one RGB picture of that size for each input, in order: the
  /// network's prediction of every needed pixel, not composed with the source; the other pixels are unspecified. A
  /// prediction depends on its own input alone, not on its place in the batch, on the other inputs, or on the needed
  /// part. On CUDA devices this holds up to rounding, because libraries choose other algorithms for other counts. Never
  /// throws.
  virtual Result<std::vector<Pixels>, EngineFailure> run(std::span<const NetworkInput> batch) = 0;

  /// Whether the last run included preparations that later runs of its size and count do not repeat, such as the choice
  /// of algorithms or a recording. The time of such a run does not predict the time of later ones.
  [[nodiscard]] virtual bool last_run_prepared() const { return false; }

  /// Frees the memory that the engine keeps for later runs. Called after `out_of_memory`, before a smaller batch.
  virtual void release_memory() {}

  /// The number of inputs that were computed once more in fp32 because their first prediction held NaN or Inf.
  [[nodiscard]] virtual std::uint64_t retries() const { return 0; }

  /// A description in one line: engine, weights, device, precision, threads.
  [[nodiscard]] virtual std::string describe() const = 0;
  /// Short model name for replies and metrics, such as "big-lama" or "default".
  [[nodiscard]] virtual std::string model_name() const = 0;
  /// "cpu" or "cuda:N".
  [[nodiscard]] virtual std::string device_name() const = 0;
  /// "fp32", "fp16" or "bf16"; "none" for an engine that computes nothing.
  [[nodiscard]] virtual std::string precision() const { return "unknown"; }
  /// How the network is computed: "fused", "reference", "script", an instruction set of the CPU engine, or "null".
  [[nodiscard]] virtual std::string way() const { return "unknown"; }
  /// The cost of each class of layers in the order of execution; empty unless EngineOptions::profile is set and the
  /// engine supports it.
  [[nodiscard]] virtual std::vector<LayerCost> profile() const { return {}; }
};

/// Loads one model replica. Called on the thread that will use the engine.
using EngineFactory = std::function<Result<std::unique_ptr<Inpainter>, EngineFailure>()>;

/// Called with the reason if a faster way to compute the network is not used.
using EngineWarning = std::function<void(const std::string&)>;

/// Loads the weights and prepares the device. `warn` may be empty. Errors name the file, tensor or device, and say what
/// to do.
Result<std::unique_ptr<Inpainter>, EngineFailure> make_inpainter(const EngineOptions& options,
                                                                 const EngineWarning& warn = {});

/// What the planner of windows needs to know of the network that `options` name; reads the model file. Errors: as
/// make_inpainter.
Result<NetworkTraits, EngineFailure> network_traits(const EngineOptions& options);

/// Name and version of the library that engines use, such as "LibTorch 1.13.1".
std::string engine_library();

/// Whether this build has code for GPUs, with or without a GPU in the machine.
bool built_for_cuda();

/// Every device of this machine that the build can use, the fastest first: "cuda:0", ..., "cpu".
std::vector<std::string> available_devices();

}  // namespace inpaintd
