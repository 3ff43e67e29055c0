// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <functional>

#include "tools/shared/declare_choice.h"
#include "tools/shared/duration_option.h"

namespace inpaintd::tools {
namespace {

/// Declares an option that `parse` reads; `what` completes the error text "'x' is not ...".
template <class T>
CLI::Option* declare_parsed(CLI::App& app, const std::string& flag, T& value,
                            const std::function<std::optional<T>(std::string_view)>& parse, const std::string& what,
                            const std::string& help, const std::string& shown) {
  const auto read = [&value, parse, what](const std::string& text) {
    auto parsed = parse(text);
    if (!parsed) throw CLI::ValidationError(fmt::format("'{}' is not {}", text, what));
    value = *std::move(parsed);
  };
  return app.add_option_function<std::string>(flag, read, help)->type_name("MIX")->default_str(shown);
}

void declare_arrivals(LoadOptions& o, CLI::App& app) {
  auto* closed =
      app.add_option("--concurrency", o.concurrency, "Closed loop: number of requests that are always in flight")
          ->check(CLI::Range(1, 100'000))
          ->capture_default_str();
  app.add_option("--rate", o.rate, "Open loop: requests per second, independent of the answers")
      ->check(CLI::Range(0.001, 1e6))
      ->excludes(closed);
  app.add_flag("--poisson", o.poisson, "Open loop: random (Poisson) arrivals instead of evenly spaced ones");
  const auto read_profile = [&o](const std::string& text) {
    const auto found = from_name<Profile>(text);
    if (!found) throw CLI::ValidationError(fmt::format("'{}' is not one of {}", text, names_of<Profile>()));
    o.profile = *found;
    o.profile_given = true;
  };
  app.add_option_function<std::string>("--profile", read_profile,
                                       fmt::format("Open loop: how the rate changes, one of {}; without --rate, "
                                                   "relative to the rate of a closed loop, which is measured first",
                                                   names_of<Profile>()))
      ->type_name("NAME")
      ->default_str(std::string(name(o.profile)));
  app.add_option("--seed", o.seed, "Seed of the random arrivals, pictures and masks")->capture_default_str();
  declare_duration(app, "--duration", o.duration, "How long to measure, in seconds or with a unit (500ms, 2min)");
  app.add_option("--requests", o.requests, "Closed loop: end after this number of requests instead of --duration")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000'000}));
  declare_duration(app, "--warmup", o.warmup, "How long to send before the measurement begins");
}

void declare_requests(LoadOptions& o, CLI::App& app) {
  const std::string group = "Requests";
  const auto share = [&](const std::string& flag, double& value, const std::string& help) {
    app.add_option(flag, value, help)->check(CLI::Range(0.0, 1.0))->capture_default_str()->group(group);
  };
  declare_parsed<std::vector<SideWeight>>(
      app, "--size", o.mix.sides, parse_sides, "a side of 16 to 4096 pixels, or a mix such as 256,512 or 256=3,512=1",
      "Side of the square pictures in pixels, or a mix with weights: 256=3,512=1", "512")
      ->group(group);
  declare_parsed<std::vector<Size>>(app, "--sizes", o.sizes, parse_sizes,
                                    "people, or a file with a size such as 640x480 in each line",
                                    "Instead of --size: people, for sizes that people upload, or a file of sizes", "")
      ->group(group);
  app.add_option("--images", o.images,
                 "A folder of photographs, which are cut and scaled to --size; default: pictures of noise")
      ->check(CLI::ExistingDirectory)
      ->group(group);
  app.add_flag("--as-is", o.as_is, "Photographs keep their own sizes")->group(group);
  const auto* masks =
      declare_choice(app, "--masks", o.masks, "Shape of the holes; with --sizes and --as-is, hole")->group(group);
  app.parse_complete_callback([&o, masks] {
    if (masks->count() == 0 && (o.as_is || !o.sizes.empty())) o.masks = MaskKind::hole;
  });
  declare_choice(app, "--format", o.format, "Format of the pictures in requests and answers")->group(group);
  declare_choice(app, "--region", o.request.region, "Answer with the whole picture, or with the part that changed")
      ->group(group);
  declare_choice(app, "--strategy", o.request.strategy, "How large pictures are processed")->group(group);
  declare_parsed<std::vector<double>>(app, "--priority", o.mix.priorities, parse_priorities,
                                      "a priority, or a mix such as high=1,normal=8,low=1",
                                      "high, normal, low, or a mix with weights: high=1,normal=8", "normal")
      ->group(group);
  share("--repeat", o.mix.repeat, "Share of the requests that repeat one of 4 pairs of picture and mask");
  share("--repeat-masks", o.mix.repeat_masks, "Share of the requests that repeat one of 4 masks, with any picture");
  share("--poison", o.mix.poison,
        "Share of requests with a broken picture or a mask of a wrong size, which must be refused");
  share("--cancel", o.mix.cancel, "Share of the requests that are cancelled within 0.5 s");
  declare_duration(app, "--timeout", o.timeout, "Deadline of each request, counted from its sending");
  declare_duration(app, "--grace", o.grace, "How long to wait after the deadline before a request counts as lost");
  app.add_option("--retries", o.retries, "How often to retry a request whose error is temporary, with back-off")
      ->check(CLI::Range(0, 63))
      ->capture_default_str()
      ->group(group);
  share("--verify", o.verify, "Share of the answers that are decoded and compared with their requests");
}

void declare_judgement(LoadOptions& o, CLI::App& app) {
  const auto read_slo = [&o](const std::string& text) {
    const auto limit = parse_seconds(text);
    if (!limit || limit->count() < 1)
      throw CLI::ValidationError(fmt::format("'{}' is not a time such as 200ms or 2", text));
    o.slo = *limit;
  };
  app.add_option_function<std::string>(
         "--slo,--slo-p99", read_slo,
         "Latency limit: goodput counts the answers within it, and --find-peak keeps p99 within it")
      ->type_name("TIME");
  app.add_flag("--find-peak", o.find_peak,
               "Search the highest rate at which p99 stays within --slo-p99, in trials of --duration each");
  declare_choice(
      app, "--compare", o.compare,
      "Start separate services, and compare one picture at a time with batches of 4 and 8; pictures of mixed "
      "sizes also with all of them stretched to 512x512");
  app.add_option("--tasks", o.tasks, "Comparison: number of pictures in each round")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--rounds", o.rounds, "Comparison: number of rounds, of which the medians are printed")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--set", o.settings,
                 "Comparison: a setting of the services, as in --set model.file=big-lama.pt; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  app.add_option("--json", o.json, "Write the report as JSON to this file, or to standard output (-)");
}

}  // namespace

void LoadOptions::declare(CLI::App& app) {
  declare_arrivals(*this, app);
  declare_requests(*this, app);
  declare_judgement(*this, app);
  server.declare(app);
}

std::optional<std::string> check(const LoadOptions& options) {
  if (options.duration.count() < 1) return "--duration must be at least 1ms";
  if (options.timeout.count() < 1 || options.timeout > timeout_max) return "--timeout must be within 1ms and 10min";
  if (options.format == Format::same)
    return "--format same has no meaning for a generator; choose raw, png, jpeg or webp";
  if (options.as_is && options.images.empty()) return "--as-is needs photographs; name their folder with --images";
  if (!options.sizes.empty() && (!options.images.empty() || options.mix.sides != Mix{}.sides))
    return "--sizes makes pictures of noise of these sizes; leave out --size and --images";
  if (options.mix.poison + options.mix.cancel > 1)
    return "the shares --poison and --cancel exceed 1 together; lower one of them";
  if (options.mix.repeat + options.mix.repeat_masks > 1)
    return "the shares --repeat and --repeat-masks exceed 1 together; lower one of them";
  if (options.requests && (options.rate || options.profile_given || options.find_peak))
    return "--requests works in the closed loop only; leave out --rate, --profile and --find-peak";
  if (options.find_peak && !options.slo) return "--find-peak needs a latency limit; add one, such as --slo-p99 200ms";
  if (options.find_peak && options.profile_given) return "--find-peak chooses the rates itself; leave out --profile";
  if (options.poisson && !options.rate && !options.profile_given && !options.find_peak)
    return "--poisson works in an open loop only; add --rate, --profile or --find-peak";
  if (!options.settings.empty() && options.compare == Comparison::none)
    return "--set changes the services that --compare starts; add --compare serial";
  return std::nullopt;
}

}  // namespace inpaintd::tools
