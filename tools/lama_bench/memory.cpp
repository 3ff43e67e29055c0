// SPDX-License-Identifier: Apache-2.0
#include "tools/lama_bench/memory.h"

#include <sys/wait.h>
#include <unistd.h>

#include <exception>
#include <fstream>
#include <stdexcept>

#include "tools/lama_bench/pictures.h"
#include "tools/shared/command_line.h"
#include "tools/shared/or_throw.h"

namespace inpaintd::tools {
namespace {

constexpr int settling_forwards = 20;  // allocators grow during the first passes

std::size_t status_bytes(std::string_view key) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(key)) return std::stoull(line.substr(key.size())) * 1024;
  return 0;
}

/// The part of the child process.
[[noreturn]] void answer(int pipe, const std::function<std::size_t()>& work) {
  try {
    const std::size_t result = work();
    if (write(pipe, &result, sizeof result) == sizeof result) _exit(0);
  } catch (const std::exception& error) {
    complain(error.what());
  }
  _exit(1);
}

std::size_t peak_of_one_forward(const BenchOptions& options, Contender contender, Size size, int batch) {
  make_engine(contender, options, load_bench_model(options));
  if (!contender.inpainter) throw std::runtime_error(contender.refusal);
  Pictures pictures(options.seed);
  pictures.draw(size, batch);
  if (!reset_peak())
    throw std::runtime_error("--memory needs a Linux kernel with /proc/self/clear_refs; leave out --memory");
  or_throw(contender.inpainter->run(pictures.batch(batch)));
  return resident_bytes_peak();
}

Soak soak(const Contender& contender, std::span<const NetworkInput> batch, int forwards) {
  Soak result{
      .engine = contender.label(), .precision = std::string(name(contender.precision)), .size = batch[0].image->size()};
  result.batch = static_cast<int>(batch.size());
  for (int i = 0; i < settling_forwards + forwards; ++i) {
    if (i == settling_forwards) result.before = resident_bytes();
    const auto answers = contender.inpainter->run(batch);
    if (!answers) {
      result.failure = answers.error().message;
      return result;
    }
    result.forwards += i < settling_forwards ? 0 : 1;
  }
  result.after = resident_bytes();
  return result;
}

}  // namespace

std::size_t resident_bytes() { return status_bytes("VmRSS:"); }

std::size_t resident_bytes_peak() { return status_bytes("VmHWM:"); }

bool reset_peak() { return static_cast<bool>(std::ofstream("/proc/self/clear_refs") << 5 << std::flush); }

std::optional<std::size_t> in_child(const std::function<std::size_t()>& work) {
  int ends[2];
  if (pipe(ends) != 0) return std::nullopt;
  const pid_t child = fork();
  if (child == 0) answer(ends[1], work);
  close(ends[1]);
  std::size_t result = 0;
  const bool answered = child > 0 && read(ends[0], &result, sizeof result) == sizeof result;
  close(ends[0]);
  if (child > 0) waitpid(child, nullptr, 0);
  return answered ? std::optional(result) : std::nullopt;
}

void measure_memory(const BenchOptions& options, std::span<const Contender> contenders,
                    const std::function<void(const MemoryPeak&)>& report) {
  for (const Size size : options.sizes)
    for (const int batch : options.batches)
      for (const Contender& contender : contenders)
        report({contender.label(), std::string(name(contender.precision)), size, batch,
                in_child([&] { return peak_of_one_forward(options, contender, size, batch); })});
}

void measure_soak(const BenchOptions& options, std::span<const Contender> contenders,
                  const std::function<void(const Soak&)>& report) {
  Pictures pictures(options.seed);
  for (const Size size : options.sizes)
    for (const int batch : options.batches) {
      pictures.draw(size, batch);
      for (const Contender& contender : contenders)
        if (contender.inpainter) report(soak(contender, pictures.batch(batch), options.soak));
    }
}

}  // namespace inpaintd::tools
