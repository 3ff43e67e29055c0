// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "tools/declare_choice.h"

namespace inpaintd::tools {

void LoadOptions::declare(CLI::App& app) {
  auto* closed = app.add_option("--concurrency", concurrency, "Closed loop: requests always in flight")
                     ->check(CLI::Range(1, 100'000))
                     ->capture_default_str();
  auto* open = app.add_option("--rate", rate, "Open loop instead: requests per second, whatever the answers do")
                   ->check(CLI::Range(0.001, 1e6))
                   ->excludes(closed);
  app.add_flag("--poisson", poisson, "Random arrivals at that rate, not even ones")->needs(open);
  app.add_option("--seed", seed, "Of arrivals, pictures and masks")->capture_default_str();
  declare_duration(app, "--duration", duration, "How long to measure (seconds, or with a unit)");
  declare_duration(app, "--warmup", warmup, "How long to send before that");

  app.add_option("--size", sizes, "Side of the pictures; several, separated by commas, are mixed")
      ->delimiter(',')
      ->check(CLI::Range(16, 4096))
      ->capture_default_str();
  app.add_option("--images", images, "A folder of photographs to cut and scale to that size; default: noise")
      ->check(CLI::ExistingDirectory);
  declare_choice(app, "--masks", masks, "What to mask");
  app.add_flag("--repeat-input", repeat_input, "Send one and the same input again and again, to measure caches");
  declare_choice(app, "--format", format, "Format of the pictures, and of the answers");
  declare_choice(app, "--region", request.region, "All of the picture, or the part that changed");
  declare_choice(app, "--strategy", request.strategy, "How large pictures are run");
  const auto read_priority = [this](const std::string& text) {
    const auto mix = parse_priorities(text);
    if (!mix) throw CLI::ValidationError("'" + text + "' is no priority, nor a mix such as high=1,normal=8,low=1");
    priority = *mix;
  };
  app.add_option_function<std::string>("--priority", read_priority, "high, normal, low, or a mix: high=1,normal=8")
      ->type_name("MIX")
      ->default_str("normal");
  declare_duration(app, "--timeout", timeout, "Of each request");

  const auto read_slo = [this](const double& ms) { slo = std::chrono::milliseconds(static_cast<std::int64_t>(ms)); };
  app.add_option_function<double>("--slo", read_slo, "Goodput counts the answers within this many milliseconds")
      ->type_name("MS")
      ->check(CLI::Range(1.0, 1e7));
  app.add_option("--json", json, "Write the report as JSON to this file; - for standard output");
  server.declare(app);
}

std::optional<std::string> check(const LoadOptions& options) {
  if (options.duration.count() < 1) return "--duration must be longer than nothing";
  if (options.timeout.count() < 1 || options.timeout > timeout_max) return "--timeout must be 1ms to 10min";
  if (options.format == Format::same) return "--format same says nothing here: choose raw, png, jpeg or webp";
  return std::nullopt;
}

}  // namespace inpaintd::tools
