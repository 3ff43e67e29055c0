// SPDX-License-Identifier: Apache-2.0
#include "tools/lama_bench/machine.h"

#include <cstdlib>
#include <ctime>
#include <fstream>

#include "models/batch.h"
#include "models/reference/inpainter.h"
#include "tools/lama_bench/table.h"

namespace inpaintd::tools {
namespace {

std::string cpu_line(const std::string& key) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(key) && line.find(": ") != line.npos) return line.substr(line.find(": ") + 2);
  return {};
}

std::string instruction_sets() {
  const std::string flags = " " + cpu_line("flags") + " ";
  std::string found;
  for (const char* each : {"amx_tile", "avx512_vnni", "avx512f", "avx2", "fma"})
    if (flags.find(std::string(" ") + each + " ") != flags.npos) found.append(found.empty() ? "" : " ").append(each);
  return found.empty() ? "none beyond the baseline" : found;
}

std::string cpu_name() {
  return cpu_line("model name") + " (family " + cpu_line("cpu family") + ", model " + cpu_line("model") + ")";
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "not set";
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", std::gmtime(&now));
  return text;
}

}  // namespace

std::vector<Fact> describe_machine(const BenchOptions& options, const std::optional<LamaWeights>& weights,
                                   double peak) {
  return {{"date", today()},
          {"cpu", cpu_name()},
          {"cores", std::to_string(thread_count(0))},
          {"isa", instruction_sets()},
          {"threads", std::to_string(thread_count(options.threads))},
          {"fma peak", decimal(peak * 1e-9, 0) + " GFLOP/s"},
          {"device", options.device},
          {"library", engine_library()},
          {"OPENBLAS_CORETYPE", environment("OPENBLAS_CORETYPE")},
          {"OMP_WAIT_POLICY", environment("OMP_WAIT_POLICY")},
          {"model", weights ? describe_weights(*weights) : "TorchScript module from " + options.model}};
}

}  // namespace inpaintd::tools
