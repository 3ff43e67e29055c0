// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/options.h"

#include <CLI/CLI.hpp>
#include <functional>

#include "tools/shared/declare_choice.h"

namespace inpaintd::tools {
namespace {

/// Declares an option that `parse` reads; `what` says what it has to be.
template <class T>
CLI::Option* declare_parsed(CLI::App& app, const std::string& flag, T& value,
                            const std::function<std::optional<T>(std::string_view)>& parse, const std::string& what,
                            const std::string& help, const std::string& shown) {
  const auto read = [&value, parse, what](const std::string& text) {
    auto parsed = parse(text);
    if (!parsed) throw CLI::ValidationError("'" + text + "' is not " + what);
    value = *std::move(parsed);
  };
  return app.add_option_function<std::string>(flag, read, help)->type_name("MIX")->default_str(shown);
}

void declare_arrivals(LoadOptions& o, CLI::App& app) {
  auto* closed = app.add_option("--concurrency", o.concurrency, "Closed loop: requests always in flight")
                     ->check(CLI::Range(1, 100'000))
                     ->capture_default_str();
  app.add_option("--rate", o.rate, "Open loop instead: requests per second, whatever the answers do")
      ->check(CLI::Range(0.001, 1e6))
      ->excludes(closed);
  app.add_flag("--poisson", o.poisson, "Random arrivals at that rate, not even ones");
  const auto read_profile = [&o](const std::string& text) {
    const auto found = from_name<Profile>(text);
    if (!found) throw CLI::ValidationError("'" + text + "' is not one of " + names_of<Profile>());
    o.profile = *found;
    o.profile_given = true;
  };
  app.add_option_function<std::string>("--profile", read_profile,
                                       "How the rate moves: " + names_of<Profile>() +
                                           "; without --rate, relative to what the service is measured to do first")
      ->type_name("NAME")
      ->default_str(std::string(name(o.profile)));
  app.add_option("--seed", o.seed, "Of arrivals, pictures and masks")->capture_default_str();
  declare_duration(app, "--duration", o.duration, "How long to measure (seconds, or with a unit)");
  app.add_option("--requests", o.requests, "Closed loop: end after so many requests instead")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000'000}));
  declare_duration(app, "--warmup", o.warmup, "How long to send before that");
}

void declare_requests(LoadOptions& o, CLI::App& app) {
  const std::string group = "Requests";
  const auto share = [&](const std::string& flag, double& value, const std::string& help) {
    app.add_option(flag, value, help)->check(CLI::Range(0.0, 1.0))->capture_default_str()->group(group);
  };
  declare_parsed<std::vector<SideWeight>>(app, "--size", o.mix.sides, parse_sides,
                                          "a side of 16 to 4096 pixels, nor a mix such as 256,512 or 256=3,512=1",
                                          "Side of the pictures, or a mix: 256=3,512=1", "512")
      ->group(group);
  app.add_option("--images", o.images, "A folder of photographs to cut and scale to that size; default: noise")
      ->check(CLI::ExistingDirectory)
      ->group(group);
  declare_choice(app, "--masks", o.masks, "What to mask")->group(group);
  declare_choice(app, "--format", o.format, "Format of the pictures, and of the answers")->group(group);
  declare_choice(app, "--region", o.request.region, "All of the picture, or the part that changed")->group(group);
  declare_choice(app, "--strategy", o.request.strategy, "How large pictures are run")->group(group);
  declare_parsed<std::vector<double>>(app, "--priority", o.mix.priorities, parse_priorities,
                                      "a priority, nor a mix such as high=1,normal=8,low=1",
                                      "high, normal, low, or a mix: high=1,normal=8", "normal")
      ->group(group);
  share("--repeat", o.mix.repeat, "Share of the requests whose picture and mask come again and again");
  share("--repeat-masks", o.mix.repeat_masks, "Share of the requests whose mask does, with a new picture");
  share("--poison", o.mix.poison, "Share of broken pictures and impossible masks, which must be refused");
  share("--cancel", o.mix.cancel, "Share of the requests that are cancelled within half a second");
  declare_duration(app, "--timeout", o.timeout, "Of each request");
  declare_duration(app, "--grace", o.grace, "How long to wait beyond it before a request counts as lost");
  app.add_option("--retries", o.retries, "How often to try again what may succeed later, as a good client does")
      ->check(CLI::Range(0, 63))
      ->capture_default_str()
      ->group(group);
  share("--verify", o.verify, "Share of the answers that are decoded and held against what was sent");
}

void declare_judgement(LoadOptions& o, CLI::App& app) {
  const auto read_slo = [&o](const std::string& text) {
    const auto limit = parse_seconds(text);
    if (!limit || limit->count() < 1) throw CLI::ValidationError("'" + text + "' is not a time such as 200ms or 2");
    o.slo = *limit;
  };
  app.add_option_function<std::string>("--slo,--slo-p99", read_slo,
                                       "Goodput counts the answers within this time; --find-peak holds p99 to it")
      ->type_name("TIME");
  app.add_flag("--find-peak", o.find_peak,
               "Search the highest rate at which p99 stays within --slo-p99: trials of --duration each");
  declare_choice(app, "--compare", o.compare,
                 "Start services of its own and compare one picture at a time with batches of 4 and 8");
  app.add_option("--tasks", o.tasks, "Pictures in each run of the comparison")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--rounds", o.rounds, "Runs of each, in turn; medians are told")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--set", o.settings, "One setting of those services, as in --set model.file=big-lama.pt")
      ->take_all()
      ->allow_extra_args(false);
  app.add_option("--json", o.json, "Write the report as JSON to this file; - for standard output");
  app.add_option("--svg", o.svg, "Draw throughput and latency over time to this file");
}

}  // namespace

void LoadOptions::declare(CLI::App& app) {
  declare_arrivals(*this, app);
  declare_requests(*this, app);
  declare_judgement(*this, app);
  server.declare(app);
}

std::optional<std::string> check(const LoadOptions& options) {
  if (options.duration.count() < 1) return "--duration must be longer than nothing";
  if (options.timeout.count() < 1 || options.timeout > timeout_max) return "--timeout must be 1ms to 10min";
  if (options.format == Format::same) return "--format same says nothing here: choose raw, png, jpeg or webp";
  if (options.mix.poison + options.mix.cancel > 1) return "--poison and --cancel are more than everything together";
  if (options.mix.repeat + options.mix.repeat_masks > 1)
    return "--repeat and --repeat-masks are more than everything together";
  if (options.requests && (options.rate || options.profile_given || options.find_peak))
    return "--requests is for the closed loop: leave out --rate, --profile and --find-peak";
  if (options.find_peak && !options.slo) return "--find-peak needs a limit, such as --slo-p99 200ms";
  if (options.find_peak && options.profile_given) return "--find-peak sets the rate itself: leave out --profile";
  if (options.poisson && !options.rate && !options.profile_given && !options.find_peak)
    return "--poisson is about arrivals: add --rate, --profile or --find-peak";
  if (!options.settings.empty() && options.compare == Comparison::none)
    return "--set is about the services that --compare starts";
  return std::nullopt;
}

}  // namespace inpaintd::tools
