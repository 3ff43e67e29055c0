// SPDX-License-Identifier: Apache-2.0
// lama-bench: the engines alone, measured in turn on one machine.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>

#include "models/batch.h"
#include "models/cpu/inpainter.h"
#include "models/reference/inpainter.h"
#include "models/torch/script_export.h"
#include "tools/lama_bench/report.h"

namespace inpaintd::tools {
namespace {

constexpr const char* about =
    "Measures the inpainting engines alone: no service, no files, unique pictures in. The engines take turns, so that\n"
    "a busy machine disturbs all alike; numbers are medians. GFLOP/s counts the network's work by definition; the "
    "ratio\n"
    "is to the first row of the same size. Tables are Markdown.\n"
    "Example: lama-bench --engine script,native --size 256,512 --batch 1,4 --threads 2";
constexpr const char* epilogue =
    "Exit status: 0 all measured, every gate held, no memory grew; 1 not so, or something failed; 2 wrong usage.";

/// Prints unless the only output is to be JSON.
class Console {
 public:
  explicit Console(bool silent) : silent_(silent) {}

  void say(const std::string& text) const {
    if (!silent_) std::cout << text << std::flush;
  }
  void title(const std::string& title, const Table& table) const { say("\n## " + title + "\n\n" + table.head()); }

 private:
  bool silent_;
};

void write(const std::string& path, const std::string& text) {
  if (path == "-") return void(std::cout << text);
  if (!(std::ofstream(path) << text).flush()) throw std::runtime_error("--json " + path + ": cannot be written");
}

void measure_speed(const BenchOptions& o, std::span<const Contender> contenders, const Console& console,
                   BenchReport& report) {
  console.title("Speed", rows_table());
  Pictures pictures(o.seed);
  for (const Size size : o.sizes)
    for (const int batch : o.batches) {
      const std::size_t done = report.rows.size();
      for (Row& row : measure(contenders, pictures, size, batch, o.repeat)) report.rows.push_back(std::move(row));
      set_ratios(report.rows);
      for (std::size_t i = done; i < report.rows.size(); ++i) console.say(line_of(report.rows[i], report));
    }
  if (o.profile) console.say("\n## Profile\n");
  for (const Row& row : report.rows)
    if (!row.costs.empty()) console.say(profile_text(row, measure_cpu_peak(row.isa, o.threads)));
}

void check(const BenchOptions& o, std::span<const Contender> contenders, const std::optional<LamaWeights>& weights,
           const Console& console, BenchReport& report) {
  if (o.accuracy) {
    console.title("Accuracy inside the masks, in levels of 255", accuracy_table());
    const auto oracle = or_throw(make_aten_lama(*weights, "cpu", o.threads));
    measure_accuracy(o, contenders, *oracle, [&](const Accuracy& accuracy) {
      report.accuracy.push_back(accuracy);
      console.say(line_of(accuracy));
    });
  }
  if (o.soak > 0) {
    console.title("The same forward many times", soak_table());
    measure_soak(o, contenders, [&](const Soak& soak) {
      report.soaks.push_back(soak);
      console.say(line_of(soak));
    });
  }
}

int bench(const BenchOptions& o) {
  const Console console(o.json == "-");
  BenchReport report;
  auto contenders = list_contenders(o);
  if (o.memory) {  // first of all: children inherit whatever there is
    console.title("Peak memory of one forward", memory_table());
    measure_memory(o, contenders, [&](const MemoryPeak& peak) {
      report.memory.push_back(peak);
      console.say(line_of(peak));
    });
  }
  const auto weights = load_weights(o);
  if (!o.export_file.empty()) return or_throw(export_script(*weights, o.export_file)), 0;

  const double peak = measure_cpu_peak("auto", o.threads);
  report.peak = o.device == "cpu" ? peak : 0;
  report.threads = thread_count(o.threads);
  if (weights) report.shape = weights->shape;
  report.facts = describe_machine(o, weights, peak);
  bool all_made = true;
  for (Contender& contender : contenders) {
    make_engine(contender, o, weights);
    report.engines.push_back(contender.inpainter ? contender.inpainter->describe()
                                                 : contender.label() + ": " + contender.refusal);
    all_made &= contender.inpainter != nullptr;
  }
  const Table facts({{"what", 17, true}, {"value", 0, true}});
  console.title("Machine", facts);
  for (const Fact& fact : report.facts) console.say(facts.row({fact.key, fact.value}));
  for (const std::string& engine : report.engines) console.say(facts.row({"engine", engine}));

  if (o.repeat > 0) measure_speed(o, contenders, console, report);
  check(o, contenders, weights, console, report);
  if (!o.json.empty()) write(o.json, to_json(report));
  return all_made && report.good() ? 0 : 1;
}

}  // namespace
}  // namespace inpaintd::tools

int main(int argc, char** argv) {
  inpaintd::tools::BenchOptions options;
  CLI::App app(inpaintd::tools::about, "lama-bench");
  app.footer(inpaintd::tools::epilogue);
  app.set_version_flag("--version", "lama-bench " INPAINTD_VERSION);
  options.declare(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  try {
    return inpaintd::tools::bench(options);
  } catch (const std::exception& error) {
    std::cerr << "lama-bench: " << error.what() << "\n";
    return 1;
  }
}
