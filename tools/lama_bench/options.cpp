// SPDX-License-Identifier: Apache-2.0
#include "tools/lama_bench/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <stdexcept>

#include "core/network_input.h"
#include "core/units.h"
#include "tools/shared/declare_choice.h"

namespace inpaintd::tools {
namespace {

constexpr int side_max = 8192;

std::optional<int> side_from_text(std::string_view text) {
  const auto side = parse_number<int>(text);
  if (!side || *side < network_side_min || *side > side_max || *side % network_side_multiple != 0) return std::nullopt;
  return side;
}

void read_sizes(const std::vector<std::string>& texts, std::vector<Size>& sizes) {
  sizes.clear();
  for (const std::string& text : texts) {
    const auto size = size_from_text(text);
    if (!size)
      throw CLI::ValidationError(
          fmt::format("--size {} is not a size; write SIDE or WIDTHxHEIGHT with multiples of {} from {} to {}", text,
                      network_side_multiple, network_side_min, side_max));
    sizes.push_back(*size);
  }
}

/// The options for measurements other than timing.
void declare_checks(CLI::App& app, BenchOptions& o) {
  app.add_flag("--accuracy", o.accuracy,
               "Compare the answers inside the masks with those of the unfolded fp32 network on the CPU; "
               "a missed accuracy gate is a failure");
  app.add_flag("--memory", o.memory,
               "Measure the peak of resident memory during one forward pass, without loading, in a process per row");
  app.add_flag(
      "--profile", o.profile,
      "Print the time of the native CPU engine by class of layers, beside the time of the same operations at the "
      "peak rate of the CPU");
  app.add_option("--soak", o.soak,
                 "Run each engine this number of times at each size and batch size; growth of memory is a failure")
      ->check(CLI::Range(0, 10'000'000))
      ->capture_default_str();
}

}  // namespace

void BenchOptions::declare(CLI::App& app) {
  declare_choices(app, "--engine", engines, "Engines, separated by commas; script is the stock TorchScript module");
  declare_choices(app, "--precision", precisions,
                  "Precisions, separated by commas; one row each, for engines that support several");
  declare_choices(app, "--isa", isas,
                  "Instruction sets of the native engine on the CPU, separated by commas; one row each");
  app.add_option(
      "--model", model,
      "Model file of LaMa or MI-GAN, in any form, or a TorchScript module; random[:NGF,BLOCKS] generates weights "
      "of LaMa of that shape (default 64,18, the shape of big-lama); without this option, the built-in "
      "model");
  app.add_option_function<std::vector<std::string>>(
         "--size", [this](const auto& texts) { read_sizes(texts, sizes); },
         "Sizes of pictures in pixels, separated by commas: SIDE or WIDTHxHEIGHT, multiples of 8")
      ->delimiter(',')
      ->type_name("SIZE")
      ->default_str(size_text(sizes.front()));
  app.add_option("--batch", batches, "Batch sizes, separated by commas")
      ->delimiter(',')
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--device", device, "cpu or cuda:N")->capture_default_str();
  app.add_option("--threads", threads, "Number of CPU threads; 0: one per core")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  app.add_option("--repeat", repeat, "Number of measured runs of each row, after one that is not counted; 0: no timing")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  app.add_option("--seed", seed, "Seed of the pictures and of random weights")->capture_default_str();
  declare_checks(app, *this);
  app.add_option("--json", json,
                 "Write the results as JSON to this file, or instead of the tables to standard output (-)");
  app.add_option("--export", export_file, "Write the weights as a TorchScript file for other tools, and exit");
}

std::optional<Size> size_from_text(std::string_view text) {
  const auto cross = text.find('x');
  const auto width = side_from_text(text.substr(0, cross));
  const auto height = cross == text.npos ? width : side_from_text(text.substr(cross + 1));
  if (!width || !height) return std::nullopt;
  return Size{*width, *height};
}

std::optional<LamaShape> random_shape(const std::string& model) {
  if (model == "random") return LamaShape{};
  LamaShape shape;
  char rest = 0;
  if (!model.starts_with("random:")) return std::nullopt;
  if (std::sscanf(model.c_str(), "random:%d,%d%c", &shape.ngf, &shape.blocks, &rest) != 2 || shape.ngf < 1 ||
      shape.ngf > 512 || shape.blocks < 1 || shape.blocks > 100)
    throw std::runtime_error(fmt::format(
        "--model {} is not a valid shape; write random:NGF,BLOCKS with 1..512 channels and 1..100 blocks", model));
  shape.local = 2 * shape.ngf;
  shape.global = 6 * shape.ngf;
  return shape;
}

}  // namespace inpaintd::tools
