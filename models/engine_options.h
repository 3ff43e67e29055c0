// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/names.h"

namespace inpaintd {

enum class EngineKind : std::uint8_t {
  native,     ///< the model's network by the fastest way that this build and the device have
  reference,  ///< LaMa or MI-GAN by LibTorch's operations in fp32: exact, not fast
  script,     ///< any TorchScript module
  null,       ///< answers with the input image, for measuring everything but the engine
};
template <>
struct EnumNames<EngineKind> {
  static constexpr std::array<std::string_view, 4> names{"native", "reference", "script", "null"};
};

enum class Precision : std::uint8_t { automatic, fp32, fp16, bf16 };
template <>
struct EnumNames<Precision> {
  static constexpr std::array<std::string_view, 4> names{"auto", "fp32", "fp16", "bf16"};
};

/// An instruction set of the native engine on the CPU.
enum class Isa : std::uint8_t { automatic, avx512, avx2, portable };
template <>
struct EnumNames<Isa> {
  static constexpr std::array<std::string_view, 4> names{"auto", "avx512", "avx2", "portable"};
};

/// Which engine to make, from what, and where. The initializers are the defaults of the service and of the tools.
struct EngineOptions {
  EngineKind engine = EngineKind::native;
  std::string file;                            ///< weights; empty: the default inside the program
  std::string device = "cpu";                  ///< "cpu" or "cuda:N"
  Precision precision = Precision::automatic;  ///< automatic: the fastest that passes its self-check
  int threads = 0;                             ///< CPU threads of one replica; 0: all cores
  Isa isa = Isa::automatic;                    ///< native on the CPU; automatic: the best that this CPU has
  bool profile = false;                        ///< native on the CPU: account for time by class of layer
  std::string null_pace;    ///< null only: the time that it pretends to need, see models/null/pace.h; empty: none
  std::string null_faults;  ///< null only: what goes wrong on purpose, see models/null/faults.h

  friend bool operator==(const EngineOptions&, const EngineOptions&) = default;
};

}  // namespace inpaintd
