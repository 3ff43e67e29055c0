// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "tools/inpaint/job_id.h"
#include "tools/shared/declare_choice.h"
#include "tools/shared/duration_option.h"
#include "tools/shared/files.h"
#include "tools/shared/output.h"

namespace inpaintd::tools {
namespace {

std::optional<std::string> choose_format(InpaintOptions& options) {
  if (options.format_option->count() > 0 || options.folders()) return std::nullopt;
  if (options.output == standard_stream) return std::nullopt;  // `same` is the default
  const auto format = format_of(options.output);
  if (!format)
    return fmt::format(
        "the name {} does not tell the output format; use the extension .png, .jpg or .webp, or add "
        "--format",
        options.output.string());
  options.request.format = *format;
  return std::nullopt;
}

void declare_files(CLI::App& app, InpaintOptions& o) {
  app.add_option("IMAGE", o.image, "Picture to fill: JPEG, PNG or WebP; - is standard input")
      ->check(CLI::IsMember({standard_stream}) | CLI::ExistingFile);
  app.add_option("MASK", o.mask, "Mask of the same size as IMAGE; white pixels are filled")->check(CLI::ExistingFile);
  app.add_option("--images", o.images, "Folder of pictures, instead of IMAGE")->check(CLI::ExistingDirectory);
  app.add_option(
         "--masks", o.masks,
         "Folder of masks with the names of the pictures (NAME_mask or NAME), or one mask for all pictures. In the "
         "folder of the pictures, the masks are called NAME_mask")
      ->check(CLI::ExistingPath);
  app.add_option("-o,--output", o.output,
                 "Output file, or - for standard output; with --images, output folder. Missing folders are made")
      ->required();
  app.add_flag("--preserve", o.preserve,
               "Give the output the times of the picture, and its owner and mode if permitted");
}

void declare_request(CLI::App& app, InpaintOptions& o) {
  declare_choice(app, "--strategy", o.request.strategy, "How pictures that are too large for the network are filled");
  declare_choice(app, "--region", o.request.region, "Return the whole picture, or only the part that changed");
  declare_choice(
      app, "--mask-values", o.request.mask_values,
      "Which pixels of a mask are filled: bright, opaque, or nonzero ones; auto takes the bright ones, or in a mask "
      "without bright pixels those that its palette, alpha or labels mark");
  o.format_option = declare_choice(app, "--format", o.request.format, "Output format");
  o.format_option->default_str("by the extension of the output file; with -o -, same");
  app.add_option("--quality", o.request.quality, "Quality of JPEG and lossy WebP")
      ->check(CLI::Range(1, 100))
      ->default_str("like the picture's");
  app.add_flag_function(
      "--lossless,!--lossy", [&o](std::int64_t count) { o.request.lossless = count > 0; },
      "Store WebP without or with losses; default: like the picture");
  const auto read_background = [&o](const std::string& text) {
    const auto colour = colour_from_text(text);
    if (!colour) throw CLI::ValidationError(fmt::format("'{}' is not {}", text, colour_form));
    o.request.background = *colour;
  };
  app.add_option_function<std::string>("--background", read_background,
                                       "Colour that a JPEG shows through transparent pixels")
      ->type_name("#RRGGBB")
      ->default_str(text_of(o.request.background));
  declare_choice(app, "--alpha", o.request.alpha,
                 "Whether holes keep their transparency, or are filled like their surroundings");
  app.add_option("--dilate", o.request.dilate, "Grow the hole by this number of pixels")
      ->check(CLI::Range(0, dilate_max))
      ->capture_default_str();
  app.add_option("--feather", o.request.feather, "Width of the soft edge inside the hole, in pixels")
      ->check(CLI::Range(0, feather_max))
      ->capture_default_str();
}

void declare_sending(CLI::App& app, InpaintOptions& o) {
  declare_choice(app, "--priority", o.priority, "Priority in the queue of the service");
  o.timeout_option = declare_duration(app, "--timeout", o.timeout,
                                      "Deadline of each picture, in seconds or with a unit (500ms, 2min)");
  app.add_option("--retries", o.retries, "Number of further attempts after an error that may be temporary")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
  app.add_option("--concurrency", o.concurrency, "With --images: number of requests in flight")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_flag("--progress", o.progress, "Print the position in the queue and the batch of each request");
}

void declare_durable(CLI::App& app, InpaintOptions& o) {
  auto* durable = app.add_flag(
      "--durable", o.durable,
      "Send each picture as a job that NATS keeps until it is done, whatever ends meanwhile. The same command goes on "
      "with the same jobs, on any machine; --timeout limits how long it waits, and by default it waits without a limit");
  const auto check_owner = [](const std::string& owner) {
    return valid_owner(owner)
               ? std::string()
               : fmt::format("'{}' is not an owner; use 1 to {} letters, digits, _ and -", owner, owner_bytes_max);
  };
  app.add_option("--owner", o.owner, "With --durable: first part of the jobs' ids")
      ->check(check_owner)
      ->needs(durable)
      ->capture_default_str();
}

void declare_local(CLI::App& app, InpaintOptions& o) {
  auto* local = app.add_flag("--local", o.local, "Run the engine in this process, without a NATS server or a service")
                    ->excludes("--durable");
  app.add_option("--model", o.model, "With --local: weights file, instead of the built-in model")
      ->check(CLI::ExistingFile)
      ->needs(local);
  app.add_option("--device", o.device, "With --local: cpu, cuda:0, ...; by default the first GPU, or else the CPU")
      ->needs(local);
}

}  // namespace

void InpaintOptions::declare(CLI::App& app) {
  declare_files(app, *this);
  declare_request(app, *this);
  declare_sending(app, *this);
  declare_durable(app, *this);
  declare_local(app, *this);
  server.declare(app);
}

namespace {

/// Whether both paths name the same existing file or folder.
bool same_file(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code ignored;
  return std::filesystem::equivalent(a, b, ignored);
}

/// Refuses a path that would serve two purposes.
std::optional<std::string> check_different(const InpaintOptions& options) {
  if (options.folders() && same_file(options.images, options.output))
    return "the output folder is the folder of the pictures, which would be overwritten; choose another folder";
  if (options.folders() && same_file(options.masks, options.output))
    return "the output folder is the folder of the masks, whose files would count as results; choose another folder";
  if (!options.folders() && same_file(options.image, options.mask) && options.request.mask_values != MaskValues::alpha)
    return fmt::format("the picture {} is its own mask; name a mask with white where the picture is to be filled",
                       options.image.string());
  if (!options.folders() && same_file(options.mask, options.output) && std::filesystem::is_regular_file(options.output))
    return fmt::format("the output {} is the mask, which would be overwritten; name another file",
                       options.output.string());
  return std::nullopt;
}

}  // namespace

std::optional<std::string> check(InpaintOptions& options) {
  const bool single = !options.image.empty() || !options.mask.empty();
  if (single && (options.folders() || !options.masks.empty()))
    return "IMAGE and MASK exclude --images and --masks; use one pair or the other";
  if (!options.folders() && (options.image.empty() || options.mask.empty()))
    return "a picture or its mask is missing; name IMAGE and MASK, or --images DIR and --masks DIR";
  if (options.folders() && options.masks.empty())
    return "the option --masks is missing; name a folder of masks, or one mask for all pictures";
  if (options.timeout.count() < 1 || (options.timeout > timeout_max && !options.durable))
    return "--timeout must be within 1ms and 10min";
  if (options.durable && options.timeout_option->count() > 0) options.wait_max = options.timeout;
  if (auto wrong = check_different(options)) return wrong;
  if (options.preserve && (options.image == standard_stream || options.output == standard_stream))
    return "--preserve needs files, and - is none; name IMAGE and the output, or leave out --preserve";
  std::error_code ignored;
  if (!options.folders() && std::filesystem::is_directory(options.output, ignored))
    return fmt::format("the output {} is a folder; name a file", options.output.string());
  return choose_format(options);
}

}  // namespace inpaintd::tools
