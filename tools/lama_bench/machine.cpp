// SPDX-License-Identifier: Apache-2.0
#include "tools/lama_bench/machine.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cstdlib>
#include <ctime>

#include "models/batch.h"
#include "tools/shared/machine.h"

namespace inpaintd::tools {
namespace {

/// The instruction sets of the CPU that change the speed of the engines.
std::string instruction_sets() {
  const std::string flags = fmt::format(" {} ", cpuinfo_value("flags"));
  std::vector<std::string> found;
  for (const char* each : {"amx_tile", "avx512_vnni", "avx512f", "avx2", "fma"})
    if (flags.find(fmt::format(" {} ", each)) != flags.npos) found.push_back(each);
  return found.empty() ? "none beyond the baseline" : fmt::format("{}", fmt::join(found, " "));
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "not set";
}

}  // namespace

std::vector<Fact> describe_machine(const BenchOptions& options, const Model& model, double peak) {
  return {
      {"date", fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr)))},
      {"cpu", fmt::format("{} (family {}, model {})", cpu_name(), cpuinfo_value("cpu family"), cpuinfo_value("model"))},
      {"cores", std::to_string(thread_count(0))},
      {"isa", instruction_sets()},
      {"threads", std::to_string(thread_count(options.threads))},
      {"fma peak", fmt::format("{:.0f} GFLOP/s", peak * 1e-9)},
      {"device", options.device},
      {"library", engine_library()},
      {"OPENBLAS_CORETYPE", environment("OPENBLAS_CORETYPE")},
      {"OMP_WAIT_POLICY", environment("OMP_WAIT_POLICY")},
      {"model", describe_model(model)}};
}

}  // namespace inpaintd::tools
