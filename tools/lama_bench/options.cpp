// SPDX-License-Identifier: Apache-2.0
#include "tools/lama_bench/options.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <stdexcept>

#include "models/batch.h"

namespace inpaintd::tools {
namespace {

constexpr int side_max = 8192;

std::optional<int> side_from_text(std::string_view text) {
  int side = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), side);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (side < network_side_min || side > side_max || side % network_side_multiple != 0) return std::nullopt;
  return side;
}

void read_sizes(const std::vector<std::string>& texts, std::vector<Size>& sizes) {
  sizes.clear();
  for (const std::string& text : texts) {
    const auto size = size_from_text(text);
    if (!size)
      throw CLI::ValidationError("--size " + text + ": write SIDE or WIDTHxHEIGHT, multiples of 8 in 16.." +
                                 std::to_string(side_max));
    sizes.push_back(*size);
  }
}

/// What to do besides timing.
void declare_checks(CLI::App& app, BenchOptions& o) {
  app.add_flag("--accuracy", o.accuracy,
               "Compare the answers for each size and batch with the unfolded fp32 network on the CPU, inside the "
               "masks; a missed gate is a failure");
  app.add_flag("--memory", o.memory,
               "Peak resident memory of one forward for each row, each in a process of its own, loading not counted");
  app.add_flag(
      "--profile", o.profile,
      "Where the native CPU engine's time goes, by class of layer, beside the time that the same work takes at "
      "this machine's peak");
  app.add_option("--soak", o.soak,
                 "Run each engine this many times at each size and batch; growing memory is a failure")
      ->check(CLI::Range(0, 10'000'000))
      ->capture_default_str();
}

}  // namespace

void BenchOptions::declare(CLI::App& app) {
  app.add_option("--engine", engines, "Engines, separated by commas: native, script (stock TorchScript), null")
      ->delimiter(',')
      ->check(CLI::IsMember({"native", "script", "null"}))
      ->capture_default_str();
  app.add_option("--precision", precisions, "Separated by commas; one row each, for the engines that have a choice")
      ->delimiter(',')
      ->check(CLI::IsMember({"auto", "fp32", "tf32", "fp16", "bf16"}))
      ->capture_default_str();
  app.add_option("--isa", isas, "Instruction sets of the native engine on the CPU, separated by commas; one row each")
      ->delimiter(',')
      ->check(CLI::IsMember({"auto", "avx512", "avx2", "portable", "aten"}))
      ->capture_default_str();
  app.add_option("--model", model,
                 "Weights file: TorchScript, state dict or safetensors; random[:NGF,BLOCKS] makes up a network of that "
                 "shape (64,18 is big-lama's and the default); the embedded model if not given");
  app.add_option_function<std::vector<std::string>>(
         "--size", [this](const auto& texts) { read_sizes(texts, sizes); },
         "Pictures in pixels, separated by commas: SIDE or WIDTHxHEIGHT, multiples of 8")
      ->delimiter(',')
      ->type_name("SIZE")
      ->default_str(size_text(sizes.front()));
  app.add_option("--batch", batches, "Batch sizes, separated by commas")
      ->delimiter(',')
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--device", device, "cpu or cuda:N")->capture_default_str();
  app.add_option("--threads", threads, "CPU threads; 0: one per core")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  app.add_option("--repeat", repeat, "Measured runs of each row, after one that is not counted; 0: no timing")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  app.add_option("--seed", seed, "Of the pictures and of random weights")->capture_default_str();
  declare_checks(app, *this);
  app.add_option("--json", json, "Write the results to this file; - for standard output, without the tables");
  app.add_option("--export", export_file, "Write the weights as a TorchScript file for other tools, and exit");
}

std::optional<Size> size_from_text(std::string_view text) {
  const auto cross = text.find('x');
  const auto width = side_from_text(text.substr(0, cross));
  const auto height = cross == text.npos ? width : side_from_text(text.substr(cross + 1));
  if (!width || !height) return std::nullopt;
  return Size{*width, *height};
}

std::string size_text(Size size) { return std::to_string(size.width) + "x" + std::to_string(size.height); }

std::optional<LamaShape> random_shape(const std::string& model) {
  if (model == "random") return LamaShape{};
  LamaShape shape;
  char rest = 0;
  if (!model.starts_with("random:")) return std::nullopt;
  if (std::sscanf(model.c_str(), "random:%d,%d%c", &shape.ngf, &shape.blocks, &rest) != 2 || shape.ngf < 1 ||
      shape.ngf > 512 || shape.blocks < 1 || shape.blocks > 100)
    throw std::runtime_error("--model " + model + ": write random:NGF,BLOCKS with 1..512 channels and 1..100 blocks");
  shape.local = 2 * shape.ngf;
  shape.global = 6 * shape.ngf;
  return shape;
}

}  // namespace inpaintd::tools
