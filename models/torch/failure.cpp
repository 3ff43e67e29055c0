// SPDX-License-Identifier: Apache-2.0
#include "models/torch/failure.h"

#include <c10/util/Exception.h>
#include <torch/version.h>

#include <algorithm>
#include <array>
#include <new>
#include <span>
#include <string_view>

#include "models/batch.h"

namespace inpaintd {
namespace {

using Kind = EngineFailure::Kind;

bool contains_any(std::string_view text, std::span<const std::string_view> needles) {
  return std::any_of(needles.begin(), needles.end(), [&](auto each) { return text.find(each) != text.npos; });
}

Kind kind_of(std::string_view what) {
  // The last text is cuDNN's, which tries one algorithm after another and reports so if no workspace can be allocated.
  constexpr std::array<std::string_view, 5> memory{"out of memory", "can't allocate memory", "ALLOC_FAILED",
                                                   "not enough memory", "unable to find an engine"};
  // After one of these errors every call in the CUDA context fails with the same error.
  constexpr std::array<std::string_view, 15> lost{"illegal memory access",
                                                  "device-side assert",
                                                  "unspecified launch failure",
                                                  "misaligned address",
                                                  "illegal instruction",
                                                  "invalid program counter",
                                                  "global/shared address space",
                                                  "peer GPU memory",
                                                  "ECC error",
                                                  "NVLink error",
                                                  "launch timed out",
                                                  "hardware stack error",
                                                  "GPU is lost",
                                                  "MPS client failed",
                                                  "driver shutting down"};
  if (contains_any(what, memory)) return Kind::out_of_memory;
  return contains_any(what, lost) ? Kind::device_lost : Kind::failed;
}

/// The line that has the cause: TorchScript puts a traceback before it, and c10 its own source lines after it.
std::string essence(std::string_view what) {
  constexpr std::string_view marker = "Error: ";
  if (const auto at = what.rfind(marker); at != what.npos) what.remove_prefix(at + marker.size());
  what.remove_prefix(std::min(what.find_first_not_of(" \n"), what.size()));
  what = what.substr(0, std::min(what.find('\n'), std::size_t{400}));
  return what.empty() ? "LibTorch failed without a message" : std::string(what);
}

}  // namespace

EngineFailure failure_of(const std::string& what) { return {kind_of(what), essence(what)}; }

Kind kind_of_cuda_error(int code) {
  // The codes of cudaError_t after which the context cannot be used: errors of the hardware, exceptions of kernels.
  constexpr std::array lost{4, 214, 220, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 805};
  constexpr int memory_allocation = 2;
  if (code == memory_allocation) return Kind::out_of_memory;
  return std::find(lost.begin(), lost.end(), code) != lost.end() ? Kind::device_lost : Kind::failed;
}

EngineFailure current_failure() noexcept {
  try {
    throw;
  } catch (const DeviceLost& error) {
    return {Kind::device_lost, essence(error.what())};
  } catch (const c10::OutOfMemoryError& error) {
    return {Kind::out_of_memory, essence(error.what_without_backtrace())};
  } catch (const std::bad_alloc&) {
    return standard_failure();
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 8)
  } catch (const c10::AcceleratorError& error) {
    const EngineFailure by_text = failure_of(error.what_without_backtrace());
    const Kind by_code = kind_of_cuda_error(error.get_error_code());
    return {by_code == Kind::failed ? by_text.kind : by_code, by_text.message};
#endif
  } catch (const c10::Error& error) {
    return failure_of(error.what_without_backtrace());
  } catch (const std::exception& error) {
    return failure_of(error.what());
  } catch (...) {
    return standard_failure();
  }
}

}  // namespace inpaintd
