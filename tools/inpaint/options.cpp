// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint/options.h"

#include <CLI/CLI.hpp>

#include "tools/shared/declare_choice.h"
#include "tools/shared/duration_option.h"
#include "tools/shared/files.h"

namespace inpaintd::tools {
namespace {

std::optional<std::string> settle_format(InpaintOptions& options) {
  if (options.format_option->count() > 0 || options.folders()) return std::nullopt;
  const auto format = format_of(options.output);
  if (!format)
    return "cannot tell the format from " + options.output.string() +
           ": end it in .png, .jpg or .webp, or add --format";
  options.request.format = *format;
  return std::nullopt;
}

}  // namespace

void InpaintOptions::declare(CLI::App& app) {
  app.add_option("IMAGE", image, "The picture: JPEG, PNG or WebP")->check(CLI::ExistingFile);
  app.add_option("MASK", mask, "What to fill: a picture of the same size, white is a hole")->check(CLI::ExistingFile);
  app.add_option("--images", images, "A folder of pictures, instead of IMAGE")->check(CLI::ExistingDirectory);
  app.add_option("--masks", masks, "A folder of masks named like the pictures (or NAME_mask), or one mask for all")
      ->check(CLI::ExistingPath);
  app.add_option("-o,--output", output, "Where to write: a file, or with --images a folder")->required();

  declare_choice(app, "--strategy", request.strategy, "How large pictures are run");
  declare_choice(app, "--region", request.region, "All of the picture, or the part that changed");
  format_option = declare_choice(app, "--format", request.format, "Output format");
  format_option->default_str("by the output's name");
  app.add_option("--quality", request.quality, "Of JPEG, 1 to 100")->check(CLI::Range(1, 100))->capture_default_str();
  app.add_option("--dilate", request.dilate, "Pixels by which the hole grows")
      ->check(CLI::Range(0, dilate_max))
      ->capture_default_str();
  app.add_option("--feather", request.feather, "Width in pixels of the soft edge inside the hole")
      ->check(CLI::Range(0, feather_max))
      ->capture_default_str();

  declare_choice(app, "--priority", priority, "Who goes first");
  declare_duration(app, "--timeout", timeout, "Give up after this time (seconds, or with a unit)");
  app.add_option("--retries", retries, "How often to try again what may succeed later")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
  app.add_option("--concurrency", concurrency, "Requests in flight with --images")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_flag("--progress", progress, "Tell how it goes: its place in the queue, the batch it runs in");

  auto* in_process = app.add_flag("--local", local, "Run the engine in this process: no server, no service");
  app.add_option("--model", model, "Weights for --local; default: the small model inside the program")
      ->check(CLI::ExistingFile)
      ->needs(in_process);
  app.add_option("--device", device, "Device for --local: cpu, cuda:0, ...; default: the best there is")
      ->needs(in_process);
  server.declare(app);
}

std::optional<std::string> settle(InpaintOptions& options) {
  const bool single = !options.image.empty() || !options.mask.empty();
  if (single && (options.folders() || !options.masks.empty()))
    return "give IMAGE and MASK, or --images and --masks, not both";
  if (!options.folders() && (options.image.empty() || options.mask.empty()))
    return "two files are needed, IMAGE and MASK (or --images DIR and --masks DIR)";
  if (options.folders() && options.masks.empty()) return "--images needs --masks: a folder, or one mask for all";
  if (options.timeout.count() < 1 || options.timeout > timeout_max) return "--timeout must be 1ms to 10min";
  std::error_code ignored;
  if (options.folders() && std::filesystem::equivalent(options.images, options.output, ignored))
    return "the output folder is the folder of the pictures: nothing would be left of them";
  if (!options.folders() && std::filesystem::is_directory(options.output, ignored))
    return options.output.string() + " is a folder; name the file to write";
  return settle_format(options);
}

}  // namespace inpaintd::tools
