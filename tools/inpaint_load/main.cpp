// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>

#include "tools/inpaint_load/compare.h"
#include "tools/inpaint_load/inputs.h"
#include "tools/inpaint_load/options.h"
#include "tools/inpaint_load/peak.h"
#include "tools/inpaint_load/run.h"
#include "tools/shared/command_line.h"
#include "tools/shared/malloc_settings.h"
#include "tools/shared/output.h"

namespace inpaintd::tools {
namespace {

constexpr const char* description =
    "Sends inpainting requests and measures the answers.\n\n"
    "  inpaint-load --concurrency 16                    throughput with 16 requests always in flight\n"
    "  inpaint-load --rate 50 --poisson --slo 200ms     latency at 50 requests per second\n"
    "  inpaint-load --find-peak --slo-p99 200ms         the highest rate that keeps p99 within 200 ms\n"
    "  inpaint-load --profile overload --retries 5      twice the measured throughput of the service\n"
    "  inpaint-load --compare serial                    one picture at a time against batches, in separate services\n\n"
    "Latency counts from the time at which a request was due, so that a generator that falls behind does not hide it.\n"
    "The exit code is 1 when a request was not answered exactly once, or was answered with a wrong picture.\n\n"
    "To plot throughput and latency over time, write the report with --json FILE and run\n"
    "  tools/inpaint_load/plot.py FILE -o PLOT.svg      (needs the Debian package python3-matplotlib)\n";

constexpr int noise_pictures = 16;  // of each size; the masks differ for every request
constexpr int wait_factor = 5;      // a trial whose requests wait for 5 times the limit has failed

/// Prints `text` and writes `json` to the requested file. Returns the exit code.
int write_results(const std::string& text, const std::string& json, bool sound, const LoadOptions& options) {
  if (options.json != standard_stream) std::cout << text;
  if (!options.json.empty())
    if (Status written = write_file(options.json, json); !written) return complain(written.error().message);
  return sound ? exit_ok : exit_failed;
}

/// The parts that all runs of this process share.
struct Bench {
  Connection& connection;
  const std::shared_ptr<RequestMaker> requests;
  const Interrupt& interrupt;

  Result<RunResult> run(const LoadOptions& options, const RunLimits& limits = {}) const {
    return run_load(connection, options, requests, interrupt, limits);
  }
  /// Measures the rate of a closed loop in answers per second.
  Result<double> capacity(LoadOptions options) const {
    options.rate.reset();
    const auto run_ = run(options);
    if (!run_) return run_.error();
    if (run_->report.rate <= 0 && !interrupt.requested())
      return Error{ErrorCode::internal, "no request was answered; set --rate, or a longer --duration"};
    std::cerr << fmt::format("closed loop, {} in flight: {:.2f}/s\n", options.concurrency, run_->report.rate);
    return run_->report.rate;
  }
};

int find_peak(const Bench& bench, LoadOptions options) {
  if (!options.rate) {
    const auto capacity = bench.capacity(options);
    if (!capacity) return complain(capacity.error().message);
    options.rate = *capacity / 2;
  }
  PeakSearch search(*options.rate);
  std::vector<Trial> trials;
  while (const auto rate = search.next()) {
    if (bench.interrupt.requested()) return exit_interrupted;
    options.rate = *rate;
    const auto run = bench.run(options, {.wait_max = *options.slo * wait_factor});
    if (!run) return complain(run.error().message);
    trials.push_back({*rate, run->report, run->given_up});
    std::cerr << describe(trials.back(), *options.slo) << '\n';
    search.record(*rate, !why_failed(trials.back(), *options.slo));
  }
  const auto best = search.best();
  const auto limit_ms = options.slo->count();
  std::string text = best ? fmt::format("peak            {:.2f} requests/s with p99 within {} ms\n", *best, limit_ms)
                          : fmt::format("peak            none: no rate kept p99 within {} ms\n", limit_ms);
  const bool balanced = std::ranges::all_of(trials, [](const Trial& trial) { return trial.report.all.balanced(); });
  if (!balanced) text += "INVALID: in some trial, not every request was answered exactly once.\n";
  return write_results(text, to_json(trials, best, *options.slo), best && balanced, options);
}

int load(const Bench& bench, LoadOptions options) {
  if (options.profile_given && !options.rate) {
    const auto capacity = bench.capacity(options);
    if (!capacity) return complain(capacity.error().message);
    options.rate = *capacity;
  }
  if (bench.interrupt.requested()) return exit_interrupted;
  const auto run = bench.run(options);
  if (!run) return complain(run.error().message);
  return write_results(to_table(run->report), to_json(run->report, &run->timeline), run->report.sound(), options);
}

int compare(const LoadOptions& options) {
  const Interrupt interrupt;
  const auto result = compare_with_serial(options, interrupt);
  if (!result) return complain(result.error().message);
  if (interrupt.requested()) return exit_interrupted;
  return write_results(to_table(*result), to_json(*result), result->sound(), options);
}

int start(const LoadOptions& options) {
  const Interrupt interrupt;
  const auto connection = Connection::open(options.server.connection);
  if (!connection) return complain(connection.error().message, exit_no_service);
  auto pictures = pictures_for(options, noise_pictures);
  if (!pictures) return complain(pictures.error().message);
  const auto requests = std::make_shared<RequestMaker>(options, std::move(*pictures));
  if (Status answered = probe(**connection, options, *requests); !answered)
    return complain(answered.error().message,
                    answered.error().code == ErrorCode::internal ? exit_no_service : exit_failed);
  const Bench bench{**connection, requests, interrupt};
  return options.find_peak ? find_peak(bench, options) : load(bench, options);
}

}  // namespace
}  // namespace inpaintd::tools

int main(int argc, char** argv) {
  using namespace inpaintd::tools;
  keep_freed_memory();
  LoadOptions options;
  options.server.connection.name = "inpaint-load";
  CLI::App app(description, "inpaint-load");
  options.declare(app);
  if (const auto exit_code = parse_command_line(app, argc, argv)) return *exit_code;
  if (const auto wrong = check(options)) return complain(*wrong, exit_usage);
  if (!options.json.empty())
    if (const auto ready = prepare_output(options.json); !ready) return complain(ready.error().message);
  return options.compare == Comparison::serial ? compare(options) : start(options);
}
