// SPDX-License-Identifier: Apache-2.0
// inpaint-model describes model files, and converts them to safetensors.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>

#include "models/files/tensor_file.h"
#include "tools/inpaint_model/convert.h"
#include "tools/shared/command_line.h"
#include "tools/shared/or_throw.h"
#include "tools/shared/output.h"

namespace inpaintd::tools {
namespace {

constexpr const char* description =
    "Describes model files of LaMa and MI-GAN, and converts them to safetensors.\n\n"
    "  inpaint-model show big-lama.pt\n"
    "  inpaint-model convert migan_pipeline_v2.onnx migan.safetensors\n\n"
    "A file may be a safetensors, PyTorch (.pt, .pth, .ckpt) or ONNX file; no code in it is run.\n";

struct Options {
  std::string file;
  std::string output;
  std::string origin;
  FloatType type = FloatType::f16;
};

void declare_show(CLI::App& app, Options& o) {
  CLI::App* show = app.add_subcommand("show", "Describe the network of a model file");
  show->add_option("FILE", o.file, "The model file")->required();
}

void declare_convert(CLI::App& app, Options& o) {
  static const std::map<std::string, FloatType> types{{"fp16", FloatType::f16}, {"fp32", FloatType::f32}};
  CLI::App* convert = app.add_subcommand("convert", "Convert a model file of any form to safetensors");
  convert->add_option("FILE", o.file, "The model file")->required();
  convert->add_option("OUT", o.output, "The safetensors file to write, or - for standard output")->required();
  convert
      ->add_option_function<std::string>(
          "--type", [&o](const std::string& text) { o.type = types.at(text); },
          "Type of the stored numbers: fp16 or fp32")
      ->check(CLI::IsMember({"fp16", "fp32"}))
      ->type_name("NAME")
      ->default_str("fp16");
  convert->add_option("--origin", o.origin, "Where the file comes from; stored in the file's metadata");
}

void show(const Options& o) {
  const Model model = or_throw(load_model(o.file));
  std::cout << model_text(model, read_metadata(o.file));
}

void convert(const Options& o) {
  or_throw(prepare_output(o.output));
  const Model model = or_throw(load_model(o.file));
  const ConvertedModel converted = convert_model(model, o.type, o.origin);
  or_throw(write_file(o.output, converted.bytes));
  if (o.output == standard_stream) return;
  std::cout << fmt::format("{}, was written to {}: {:.1f} MB\n", describe_model(model), o.output,
                           static_cast<double>(converted.bytes.size()) / 1e6);
  if (!converted.left_out.empty())
    std::cout << fmt::format("The {} largest noise maps were left out: their effect is below a quarter of a level.\n",
                             converted.left_out.size());
}

}  // namespace
}  // namespace inpaintd::tools

int main(int argc, char** argv) {
  using namespace inpaintd::tools;
  Options options;
  CLI::App app(description, "inpaint-model");
  app.require_subcommand(1);
  declare_show(app, options);
  declare_convert(app, options);
  if (const auto exit_code = parse_command_line(app, argc, argv)) return *exit_code;
  try {
    app.got_subcommand("show") ? show(options) : convert(options);
    return exit_ok;
  } catch (const std::exception& error) {
    return complain(error.what());
  }
}
