// SPDX-License-Identifier: Apache-2.0
// lama-bench measures the engines alone, in turn, on one machine.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <stdexcept>

#include "models/batch.h"
#include "models/cpu/inpainter.h"
#include "models/torch/script_export.h"
#include "tools/lama_bench/report.h"
#include "tools/lama_bench/work.h"
#include "tools/shared/command_line.h"
#include "tools/shared/or_throw.h"
#include "tools/shared/output.h"

namespace inpaintd::tools {
namespace {

constexpr const char* description =
    "Measures the inpainting engines without the service, on generated pictures that are all different.\n\n"
    "  lama-bench --engine script,native --size 256,512 --batch 1,4 --threads 2\n\n"
    "The engines take turns, so that other load on the machine slows all of them alike. Times are medians. GFLOP/s\n"
    "counts the operations that the definition of the network requires. A ratio compares a row with the first row of\n"
    "the same size. Tables are in Markdown.\n\n"
    "The exit code is 1 when an engine failed, an accuracy gate was missed, or memory grew.\n";

/// Prints text on standard output, or nothing when standard output is for JSON.
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

const LamaWeights& lama_of(const Model& model) {
  const auto* weights = std::get_if<LamaWeights>(&model);
  if (!weights) throw std::runtime_error("--export writes LaMa only, and the model is another network; leave it out");
  return *weights;
}

/// Checks that the results can be written, before measurements that take minutes.
void prepare_outputs(const BenchOptions& o) {
  for (const std::string& path : {o.json, o.export_file})
    if (!path.empty()) or_throw(prepare_output(path));
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

void check(const BenchOptions& o, std::span<const Contender> contenders, const Model& model, const Console& console,
           BenchReport& report) {
  if (o.accuracy) {
    console.title("Accuracy inside the masks, in levels of 255", accuracy_table());
    const auto oracle = or_throw(make_inpainter({.engine = EngineKind::reference, .threads = o.threads}, model));
    measure_accuracy(o, contenders, *oracle, [&](const Accuracy& accuracy) {
      report.accuracy.push_back(accuracy);
      console.say(line_of(accuracy));
    });
  }
  if (o.soak > 0) {
    console.title("Memory after many forward passes", soak_table());
    measure_soak(o, contenders, [&](const Soak& soak) {
      report.soaks.push_back(soak);
      console.say(line_of(soak));
    });
  }
}

int bench(const BenchOptions& o) {
  prepare_outputs(o);
  const Console console(o.json == standard_stream);
  BenchReport report;
  auto contenders = list_contenders(o);
  if (o.memory) {  // before anything else: the child processes inherit the memory of this process
    console.title("Peak memory of one forward pass", memory_table());
    measure_memory(o, contenders, [&](const MemoryPeak& peak) {
      report.memory.push_back(peak);
      console.say(line_of(peak));
    });
  }
  const Model model = load_bench_model(o);
  if (!o.export_file.empty()) {
    or_throw(write_file(o.export_file, or_throw(export_script(lama_of(model)))));
    return exit_ok;
  }

  const double peak = measure_cpu_peak(Isa::automatic, o.threads);
  report.peak = o.device == "cpu" ? peak : 0;
  report.threads = thread_count(o.threads);
  report.flops = [&model](Size size) { return nominal_flops(model, size); };
  report.facts = describe_machine(o, model, peak);
  bool all_made = true;
  for (Contender& contender : contenders) {
    make_engine(contender, o, model);
    report.engines.push_back(contender.inpainter ? contender.inpainter->describe()
                                                 : contender.label() + ": " + contender.refusal);
    all_made &= contender.inpainter != nullptr;
  }
  const Table facts({{"what", 17, true}, {"value", 0, true}});
  console.title("Machine", facts);
  for (const Fact& fact : report.facts) console.say(facts.row({fact.key, fact.value}));
  for (const std::string& engine : report.engines) console.say(facts.row({"engine", engine}));

  if (o.repeat > 0) measure_speed(o, contenders, console, report);
  check(o, contenders, model, console, report);
  if (!o.json.empty()) or_throw(write_file(o.json, to_json(report)));
  return all_made && report.good() ? exit_ok : exit_failed;
}

}  // namespace
}  // namespace inpaintd::tools

int main(int argc, char** argv) {
  using namespace inpaintd::tools;
  BenchOptions options;
  CLI::App app(description, "lama-bench");
  options.declare(app);
  if (const auto exit_code = parse_command_line(app, argc, argv)) return *exit_code;
  try {
    return bench(options);
  } catch (const std::exception& error) {
    return complain(error.what());
  }
}
