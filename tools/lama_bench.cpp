// SPDX-License-Identifier: Apache-2.0
// lama-bench: the engines alone, measured in turn on one machine in one process.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <optional>
#include <random>
#include <sstream>
#include <stdexcept>

#include "models/batch.h"
#include "models/lama.h"
#include "models/lama_weights.h"
#include "models/script.h"
#include "models/script_export.h"

namespace inpaintd::tools {
namespace {

constexpr const char* about =
    "Measures the inpainting engines alone: no service, no files, unique noise in. The engines take turns, so that a\n"
    "busy machine disturbs all alike; numbers are medians. The ratio is to the first row of the same size.\n"
    "Example: lama-bench --engine script,native --size 256,512 --batch 1,4 --threads 2";
constexpr const char* epilogue = "Exit status: 0 all measured, 1 something failed, 2 wrong usage.";

struct BenchOptions {
  std::vector<std::string> engines{"native", "script"};
  std::string model;
  std::vector<int> sizes{512};
  std::vector<int> batches{1};
  std::string precision = "fp32";
  std::string device = "cpu";
  int threads = 0;
  int repeat = 5;
  std::uint32_t seed = 1;
  bool accuracy = false;
  std::string json;
  std::string export_file;
};

void declare(CLI::App& app, BenchOptions& o) {
  app.add_option("--engine", o.engines, "Engines, separated by commas: native, script (stock TorchScript), null")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--model", o.model,
                 "Weights file: TorchScript, state dict or safetensors; random[:NGF,BLOCKS] makes up a network of that "
                 "shape (64,18 is big-lama's and the default); the embedded model if not given");
  app.add_option("--size", o.sizes, "Sides of the square pictures in pixels, multiples of 8, separated by commas")
      ->delimiter(',')
      ->check(CLI::Range(16, 8192))
      ->capture_default_str();
  app.add_option("--batch", o.batches, "Batch sizes, separated by commas")
      ->delimiter(',')
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--precision", o.precision, "auto or fp32")->capture_default_str();
  app.add_option("--device", o.device, "cpu or cuda:N")->capture_default_str();
  app.add_option("--threads", o.threads, "CPU threads; 0: one per core")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  app.add_option("--repeat", o.repeat, "Measured runs of each row, after one that is not counted")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--seed", o.seed, "Of the pictures and of random weights")->capture_default_str();
  app.add_flag("--accuracy", o.accuracy, "Also compare each engine's answers with the unfolded fp32 network");
  app.add_option("--json", o.json, "Write the results to this file; - for standard output, without the table");
  app.add_option("--export", o.export_file, "Write the weights as a TorchScript file for other tools, and exit");
}

/// A failure that ends the program with a message.
[[noreturn]] void fail(const std::string& message) { throw std::runtime_error(message); }

template <class T>
T or_fail(Result<T, EngineFailure> result) {
  if (!result) fail(result.error().message);
  return *std::move(result);
}

std::optional<LamaShape> random_shape(const std::string& model) {
  if (model == "random") return LamaShape{};
  LamaShape shape;
  char rest = 0;
  if (!model.starts_with("random:")) return std::nullopt;
  if (std::sscanf(model.c_str(), "random:%d,%d%c", &shape.ngf, &shape.blocks, &rest) != 2 || shape.ngf < 1 ||
      shape.ngf > 512 || shape.blocks < 1 || shape.blocks > 100)
    fail("--model " + model + ": write random:NGF,BLOCKS with 1..512 channels and 1..100 blocks");
  shape.local = 2 * shape.ngf;
  shape.global = 6 * shape.ngf;
  return shape;
}

/// The weights behind --model; none when only a TorchScript module is run, which need not be a LaMa.
std::optional<LamaWeights> load_weights(const BenchOptions& o) {
  if (const auto shape = random_shape(o.model)) return random_lama_weights(*shape, o.seed);
  auto weights = load_lama_weights(o.model);
  if (weights) return *std::move(weights);
  const bool needed =
      o.accuracy || !o.export_file.empty() || std::count(o.engines.begin(), o.engines.end(), "native") > 0;
  if (needed || !is_script_file(o.model)) fail(weights.error().message);
  return std::nullopt;
}

struct Engine {
  std::string name;
  std::unique_ptr<Inpainter> inpainter;
};

std::vector<Engine> make_engines(const BenchOptions& o, const std::optional<LamaWeights>& weights) {
  std::vector<Engine> engines;
  for (const std::string& name : o.engines) {
    const EngineOptions options{
        .engine = name, .model = o.model, .device = o.device, .precision = o.precision, .threads = o.threads};
    const bool as_it_is = !weights || (name == "script" && is_script_file(o.model));
    engines.push_back({name, or_fail(as_it_is ? make_inpainter(options) : make_inpainter(options, *weights))});
  }
  return engines;
}

/// Pictures with flat parts, edges, waves and noise, and a hole over about a fifth of each; none is like another.
class Pictures {
 public:
  explicit Pictures(std::uint32_t seed) : bits_(seed) {}

  void draw(int side, int count) {
    images_.clear();
    masks_.clear();
    for (int i = 0; i < count; ++i) draw_one(side);
  }
  [[nodiscard]] std::vector<NetworkInput> batch() const {
    std::vector<NetworkInput> inputs;
    for (std::size_t i = 0; i < images_.size(); ++i) inputs.push_back({&images_[i], &masks_[i]});
    return inputs;
  }
  [[nodiscard]] const Pixels& mask(std::size_t i) const { return masks_[i]; }

 private:
  void draw_one(int side) {
    Pixels& image = images_.emplace_back(side, side, 3);
    const double wave = 0.02 + 0.2 * static_cast<double>(bits_() % 100) / 100;
    const int noise = static_cast<int>(bits_() % 64) + 1;
    for (int y = 0; y < side; ++y)
      for (int x = 0; x < image.width * 3; ++x) {
        const double base = 110 + 60 * std::sin(wave * (x / 3 + 2 * y) + x % 3) + ((x / 96 + y / 32) % 2 == 0 ? 40 : 0);
        image.row(y)[x] = static_cast<std::uint8_t>(std::clamp(base, 0.0, 191.0) + bits_() % noise);
      }
    Pixels& mask = masks_.emplace_back(side, side, 1);
    const int hole = side * 9 / 20, left = static_cast<int>(bits_() % (side - hole)),
              top = static_cast<int>(bits_() % (side - hole));
    for (int y = top; y < top + hole; ++y) std::fill_n(mask.row(y) + left, hole, std::uint8_t{255});
  }

  std::mt19937 bits_;
  std::vector<Pixels> images_;
  std::vector<Pixels> masks_;
};

struct Row {
  std::string engine, model, device;
  int size = 0, batch = 0;
  double images_per_s = 0;
  double ratio = 0;
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 != 0) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

double seconds_of_run(Inpainter& engine, std::span<const NetworkInput> batch) {
  const auto start = std::chrono::steady_clock::now();
  or_fail(engine.run(batch));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// One row per engine for one size and batch; the engines take turns on the same pictures.
std::vector<Row> measure(std::vector<Engine>& engines, Pictures& pictures, int size, int batch, int repeat) {
  std::vector<std::vector<double>> seconds(engines.size());
  for (int round = 0; round <= repeat; ++round) {
    pictures.draw(size, batch);
    for (std::size_t i = 0; i < engines.size(); ++i) {
      const double once = seconds_of_run(*engines[i].inpainter, pictures.batch());
      if (round > 0) seconds[i].push_back(once);  // the first run warms up
    }
  }
  std::vector<Row> rows;
  for (std::size_t i = 0; i < engines.size(); ++i) {
    const Inpainter& engine = *engines[i].inpainter;
    rows.push_back(
        {engines[i].name, engine.model_name(), engine.device_name(), size, batch, batch / median(seconds[i])});
  }
  return rows;
}

struct Accuracy {
  std::string engine;
  int size = 0;
  int max_level_difference = 0;  ///< of 255, over the whole picture
  double psnr_in_mask = 0;       ///< dB; infinite when every byte is the same
};

Accuracy compare(const Engine& engine, int size, const std::vector<Pixels>& answers, const std::vector<Pixels>& exact,
                 const Pictures& pictures) {
  Accuracy result{.engine = engine.name, .size = size};
  double squares = 0, samples = 0;
  for (std::size_t i = 0; i < answers.size(); ++i)
    for (std::size_t at = 0; at < answers[i].bytes.size(); ++at) {
      const int difference = std::abs(answers[i].bytes[at] - exact[i].bytes[at]);
      result.max_level_difference = std::max(result.max_level_difference, difference);
      if (pictures.mask(i).bytes[at / 3] <= 127) continue;
      squares += difference * difference;
      ++samples;
    }
  result.psnr_in_mask = 10 * std::log10(255.0 * 255.0 * samples / squares);
  return result;
}

std::vector<Accuracy> measure_accuracy(const BenchOptions& o, std::vector<Engine>& engines,
                                       const LamaWeights& weights) {
  const auto oracle = or_fail(make_aten_lama(weights, "cpu", o.threads));
  std::vector<Accuracy> results;
  Pictures pictures(o.seed);
  for (int size : o.sizes) {
    pictures.draw(size, 2);
    const auto exact = or_fail(oracle->run(pictures.batch()));
    for (Engine& engine : engines)
      results.push_back(compare(engine, size, or_fail(engine.inpainter->run(pictures.batch())), exact, pictures));
  }
  return results;
}

struct Fact {
  const char* key;
  std::string value;
};

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

std::vector<Fact> machine(const BenchOptions& o, const std::optional<LamaWeights>& weights) {
  const char* coretype = std::getenv("OPENBLAS_CORETYPE");
  return {{"cpu", cpu_line("model name")},
          {"cores", std::to_string(thread_count(0))},
          {"isa", instruction_sets()},
          {"threads", std::to_string(thread_count(o.threads))},
          {"library", engine_library()},
          {"openblas_coretype", coretype ? coretype : "not set"},
          {"model", weights ? describe_weights(*weights) : "TorchScript module from " + o.model}};
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return result + "\"";
}

/// JSON knows no infinity: equal pictures have no PSNR.
std::string number(double value) { return std::isfinite(value) ? (std::ostringstream() << value).str() : "null"; }

std::string to_json(const BenchOptions& o, const std::vector<Fact>& facts, const std::vector<Row>& rows,
                    const std::vector<Accuracy>& accuracy) {
  std::ostringstream out;
  const char* separator = "";
  const auto next = [&](const char* first) { return std::exchange(separator, first); };
  out << "{\"machine\": {";
  for (const Fact& fact : facts) out << next(", ") << quoted(fact.key) << ": " << quoted(fact.value);
  out << "},\n \"rows\": [";
  separator = "";
  for (const Row& row : rows)
    out << next(",") << "\n  {\"engine\": " << quoted(row.engine) << ", \"model\": " << quoted(row.model)
        << ", \"device\": " << quoted(row.device) << ", \"size\": " << row.size << ", \"batch\": " << row.batch
        << ", \"precision\": " << quoted(o.precision) << ", \"threads\": " << thread_count(o.threads)
        << ", \"images_per_s\": " << number(row.images_per_s)
        << ", \"seconds_per_image\": " << number(1 / row.images_per_s) << ", \"ratio\": " << number(row.ratio) << "}";
  out << "\n ]";
  separator = "";
  if (!accuracy.empty()) out << ",\n \"accuracy\": [";
  for (const Accuracy& each : accuracy)
    out << next(",") << "\n  {\"engine\": " << quoted(each.engine) << ", \"size\": " << each.size
        << ", \"max_level_difference\": " << each.max_level_difference
        << ", \"psnr_in_mask\": " << number(each.psnr_in_mask) << "}";
  out << (accuracy.empty() ? "}\n" : "\n ]}\n");
  return out.str();
}

void write(const std::string& path, const std::string& text) {
  if (path == "-") return void(std::cout << text);
  if (!(std::ofstream(path) << text).flush()) fail("--json " + path + ": cannot be written");
}

void add_rows(std::vector<Row>& rows, std::vector<Row> more, bool print) {
  for (Row& row : more) {
    const auto first = std::find_if(rows.begin(), rows.end(), [&](const Row& r) { return r.size == row.size; });
    row.ratio = first == rows.end() ? 1 : row.images_per_s / first->images_per_s;
    rows.push_back(row);
    if (print)
      std::printf("%-8s %6d %6d %14.3f %14.4f %8.2f\n", row.engine.c_str(), row.size, row.batch, row.images_per_s,
                  1 / row.images_per_s, row.ratio);
  }
  std::fflush(stdout);
}

void bench(const BenchOptions& o) {
  const auto weights = load_weights(o);
  if (!o.export_file.empty()) return void(or_fail(export_script(*weights, o.export_file)));
  const bool print = o.json != "-";
  const auto facts = machine(o, weights);
  for (const Fact& fact : facts)
    if (print) std::printf("%-18s %s\n", fact.key, fact.value.c_str());
  auto engines = make_engines(o, weights);
  for (const Engine& engine : engines)
    if (print) std::printf("%-18s %s\n", "engine", engine.inpainter->describe().c_str());

  if (print) std::printf("\n%-8s %6s %6s %14s %14s %8s\n", "engine", "size", "batch", "images/s", "s/image", "ratio");
  std::vector<Row> rows;
  Pictures pictures(o.seed);
  for (int size : o.sizes)
    for (int batch : o.batches) add_rows(rows, measure(engines, pictures, size, batch, o.repeat), print);

  std::vector<Accuracy> accuracy;
  if (o.accuracy) accuracy = measure_accuracy(o, engines, *weights);
  if (print && o.accuracy)
    std::printf("\n%-8s %6s %22s %18s\n", "engine", "size", "max level difference", "PSNR in mask");
  for (const Accuracy& each : accuracy)
    if (print)
      std::printf("%-8s %6d %22d %15.1f dB\n", each.engine.c_str(), each.size, each.max_level_difference,
                  each.psnr_in_mask);
  if (!o.json.empty()) write(o.json, to_json(o, facts, rows, accuracy));
}

}  // namespace
}  // namespace inpaintd::tools

int main(int argc, char** argv) {
  inpaintd::tools::BenchOptions options;
  CLI::App app(inpaintd::tools::about, "lama-bench");
  app.footer(inpaintd::tools::epilogue);
  app.set_version_flag("--version", "lama-bench " INPAINTD_VERSION);
  inpaintd::tools::declare(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  try {
    inpaintd::tools::bench(options);
  } catch (const std::exception& error) {
    std::cerr << "lama-bench: " << error.what() << "\n";
    return 1;
  }
}
