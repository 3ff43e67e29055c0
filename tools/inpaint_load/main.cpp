// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iomanip>
#include <iostream>
#include <memory>
#include <sstream>

#include "tools/inpaint_load/compare.h"
#include "tools/inpaint_load/inputs.h"
#include "tools/inpaint_load/options.h"
#include "tools/inpaint_load/peak.h"
#include "tools/inpaint_load/run.h"
#include "tools/shared/files.h"

namespace inpaintd::tools {
namespace {

constexpr const char* description =
    "Sends inpainting requests and measures the answers.\n\n"
    "  inpaint-load --concurrency 16                          always 16 in flight: how much can it do?\n"
    "  inpaint-load --rate 50 --poisson --slo 200ms           50 per second: how long do they wait?\n"
    "  inpaint-load --find-peak --slo-p99 200ms               which rate keeps p99 within 200 ms?\n"
    "  inpaint-load --profile overload --retries 5            twice of what it can do\n"
    "  inpaint-load --compare serial                          one at a time against batches, in services of its own\n\n"
    "Latency counts from the moment a request was due, so a generator that falls behind hides nothing. Every request\n"
    "must be answered once: with one that is not, or that is answered twice or wrongly, the exit code is 1.\n";

constexpr int noise_pictures = 16;  // of each size; the masks differ for every request
constexpr int give_up_after = 5;    // times the limit: by then a trial has failed

/// Says `text` to people, and `json` to the file that was asked for.
int tell(const std::string& text, const std::string& json, bool sound, const LoadOptions& options) {
  std::cout << (options.json == "-" ? json : text);
  if (!options.json.empty() && options.json != "-")
    if (Status written = write_file(options.json, json); !written) return complain(written.error().message);
  return sound ? exit_ok : exit_failed;
}

/// What the runs of this process share.
struct Bench {
  Connection& connection;
  const std::shared_ptr<RequestMaker> requests;
  const Interrupt& interrupt;

  Result<RunResult> run(const LoadOptions& options, const RunLimits& limits = {}) const {
    return run_load(connection, options, requests, interrupt, limits);
  }
  /// The rate of a closed loop.
  Result<double> capacity(LoadOptions options) const {
    options.rate.reset();
    const auto run_ = run(options);
    if (!run_) return run_.error();
    if (run_->report.rate <= 0 && !interrupt.requested())
      return Error{ErrorCode::internal, "nothing was answered: give --rate, or a longer --duration"};
    std::cerr << std::fixed << std::setprecision(2) << "closed loop, " << options.concurrency
              << " in flight: " << run_->report.rate << "/s\n";
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
    const auto run = bench.run(options, {.wait_max = *options.slo * give_up_after});
    if (!run) return complain(run.error().message);
    trials.push_back({*rate, run->report, run->given_up});
    std::cerr << describe(trials.back(), *options.slo) << '\n';
    search.record(*rate, !why_failed(trials.back(), *options.slo));
  }
  const auto best = search.best();
  std::ostringstream text;
  text << std::fixed << std::setprecision(2);
  if (best)
    text << "peak            " << *best << " requests/s with p99 within " << options.slo->count() << " ms\n";
  else
    text << "peak            none: no rate kept p99 within " << options.slo->count() << " ms\n";
  const bool balanced = std::ranges::all_of(trials, [](const Trial& trial) { return trial.report.all.balanced(); });
  if (!balanced) text << "LOST: in some trial not every request got its one answer.\n";
  return tell(std::move(text).str(), to_json(trials, best, *options.slo), best && balanced, options);
}

std::string title_of(const LoadOptions& options, const Report& report) {
  std::ostringstream title;
  title << std::setprecision(4) << (report.served_by.empty() ? "nothing" : report.served_by.begin()->first) << ", ";
  if (options.rate)
    title << *options.rate << "/s, " << name(options.profile) << (options.poisson ? ", Poisson" : ", even");
  else
    title << options.concurrency << " in flight";
  title << ": " << report.rate << " answers/s";
  return std::move(title).str();
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
  if (!options.svg.empty())
    if (Status written = write_file(options.svg, to_svg(run->timeline, title_of(options, run->report), options.slo));
        !written)
      return complain(written.error().message);
  return tell(to_table(run->report), to_json(run->report, &run->timeline), run->report.sound(), options);
}

int compare(const LoadOptions& options) {
  const Interrupt interrupt;
  const auto result = compare_with_serial(options, interrupt);
  if (!result) return complain(result.error().message);
  if (interrupt.requested()) return exit_interrupted;
  return tell(to_table(*result), to_json(*result), result->sound(), options);
}

int start(const LoadOptions& options) {
  const Interrupt interrupt;
  const auto connection = Connection::open(options.server.connection);
  if (!connection) return complain(connection.error().message, exit_no_service);
  auto pictures = prepare_pictures(sides_of(options.mix), options.format, options.images, noise_pictures, options.seed);
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
  return options.compare == Comparison::serial ? compare(options) : start(options);
}
