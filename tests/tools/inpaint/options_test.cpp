// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint/options.h"

#include <doctest/doctest.h>

#include <CLI/CLI.hpp>
#include <vector>

#include "tools/inpaint_load/options.h"
#include "tools/shared/command_line.h"

namespace inpaintd::tools {
namespace {

/// "usage" for what the parser refuses, else what settle() says, else "ok"; `options` holds what was read.
std::string parse(std::vector<const char*> arguments, InpaintOptions& options) {
  CLI::App app("test", "inpaint");
  options.declare(app);
  arguments.insert(arguments.begin(), "inpaint");
  if (parse_command_line(app, static_cast<int>(arguments.size()), const_cast<char**>(arguments.data()))) return "usage";
  const std::string wrong = settle(options).value_or("ok");
  options.format_option = nullptr;  // it went with the app
  return wrong;
}

std::string parse(std::vector<const char*> arguments) {
  InpaintOptions options;
  return parse(std::move(arguments), options);
}

// Any files that are there will do: nothing reads them.
constexpr const char* file = "/etc/hostname";
constexpr const char* folder = "/etc";

}  // namespace

TEST_CASE("the output's name decides the format unless --format does") {
  InpaintOptions options;
  CHECK(parse({file, file, "-o", "out.JPG"}, options) == "ok");
  CHECK(options.request.format == Format::jpeg);
  InpaintOptions given;
  CHECK(parse({file, file, "-o", "out.bin", "--format", "webp"}, given) == "ok");
  CHECK(given.request.format == Format::webp);
  InpaintOptions same;
  CHECK(parse({file, file, "-o", "out.bin", "--format", "same"}, same) == "ok");
  CHECK(same.request.format == Format::same);
  CHECK(parse({file, file, "-o", "out.bin"}).starts_with("cannot tell the format from out.bin"));
}

TEST_CASE("a picture and its mask, or a folder and its masks, but not both and not half") {
  CHECK(parse({file, "-o", "x.png"}).starts_with("two files are needed"));
  CHECK(parse({"-o", "x.png"}).starts_with("two files are needed"));
  CHECK(parse({"--images", folder, "-o", "out"}).starts_with("--images needs --masks"));
  CHECK(parse({"--images", folder, "--masks", file, "-o", "out"}) == "ok");
  CHECK(parse({file, file, "--masks", file, "-o", "x.png"}).starts_with("give IMAGE and MASK, or"));
  CHECK(parse({"--images", folder, "--masks", folder, "-o", folder}).starts_with("the output folder is the folder"));
  CHECK(parse({file, file, "-o", folder}) == "/etc is a folder; name the file to write");
  CHECK(parse({file, file}) == "usage");
}

TEST_CASE("options are read into the request, and their ranges are checked at both ends") {
  InpaintOptions options;
  CHECK(parse({file, file, "-o", "x.png", "--strategy", "crop", "--region", "patch", "--quality", "1", "--dilate", "64",
               "--feather", "0", "--priority", "low", "--timeout", "1.5"},
              options) == "ok");
  CHECK(options.request == inpaintd::Options{Format::png, 1, Region::patch, Strategy::crop, 64, 0});
  CHECK(options.priority == Priority::low);
  CHECK(options.timeout == std::chrono::milliseconds(1500));
  CHECK(parse({file, file, "-o", "x.png", "--quality", "0"}) == "usage");
  CHECK(parse({file, file, "-o", "x.png", "--quality", "101"}) == "usage");
  CHECK(parse({file, file, "-o", "x.png", "--dilate", "65"}) == "usage");
  CHECK(parse({file, file, "-o", "x.png", "--feather", "-1"}) == "usage");
  CHECK(parse({file, file, "-o", "x.png", "--strategy", "tile"}) == "usage");
  CHECK(parse({file, file, "-o", "x.png", "--timeout", "0"}) == "--timeout must be 1ms to 10min");
  CHECK(parse({file, file, "-o", "x.png", "--timeout", "10min"}) == "ok");
  CHECK(parse({file, file, "-o", "x.png", "--timeout", "600001ms"}) == "--timeout must be 1ms to 10min");
}

TEST_CASE("model and device belong to --local") {
  CHECK(parse({file, file, "-o", "x.png", "--device", "cpu"}) == "usage");
  CHECK(parse({file, file, "-o", "x.png", "--model", file}) == "usage");
  CHECK(parse({file, file, "-o", "x.png", "--local", "--device", "cpu", "--model", file}) == "ok");
}

TEST_CASE("inpaint-load reads sizes, a rate or a concurrency, and priorities") {
  const auto load = [](std::vector<const char*> arguments, LoadOptions& options) {
    CLI::App app("test", "inpaint-load");
    options.declare(app);
    arguments.insert(arguments.begin(), "inpaint-load");
    if (parse_command_line(app, static_cast<int>(arguments.size()), const_cast<char**>(arguments.data())))
      return std::string("usage");
    return check(options).value_or("ok");
  };
  LoadOptions options;
  CHECK(load({"--size", "256,512", "--rate", "2.5", "--poisson", "--slo-p99", "200ms", "--priority", "high=1,low=1",
              "--masks", "box", "--format", "raw", "--duration", "3"},
             options) == "ok");
  CHECK(options.mix.sides == std::vector<SideWeight>{{256, 1}, {512, 1}});
  CHECK(options.rate == 2.5);
  CHECK(options.poisson);
  CHECK(options.slo == std::chrono::milliseconds(200));
  CHECK(options.mix.priorities == std::vector<double>{1, 0, 1});
  CHECK(options.masks == MaskKind::box);
  CHECK(options.duration == std::chrono::milliseconds(3000));
  const auto fails = [&](std::vector<const char*> arguments) {
    LoadOptions unused;
    return load(std::move(arguments), unused);
  };
  CHECK(fails({"--rate", "1", "--concurrency", "2"}) == "usage");
  CHECK(fails({"--poisson"}).starts_with("--poisson is about arrivals"));
  CHECK(fails({"--poisson", "--profile", "burst"}) == "ok");
  CHECK(fails({"--profile", "flood"}) == "usage");
  CHECK(fails({"--slo", "soon"}) == "usage");
  CHECK(fails({"--find-peak"}).starts_with("--find-peak needs a limit"));
  CHECK(fails({"--find-peak", "--slo", "2", "--profile", "ramp"}).starts_with("--find-peak sets the rate itself"));
  CHECK(fails({"--find-peak", "--slo", "2", "--poisson"}) == "ok");
  CHECK(fails({"--requests", "5", "--rate", "1"}).starts_with("--requests is for the closed loop"));
  CHECK(fails({"--poison", "1.1"}) == "usage");
  CHECK(fails({"--poison", "0.6", "--cancel", "0.6"}).starts_with("--poison and --cancel"));
  CHECK(fails({"--repeat", "0.6", "--repeat-masks", "0.6"}).starts_with("--repeat and --repeat-masks"));
  CHECK(fails({"--retries", "64"}) == "usage");
  CHECK(fails({"--set", "model.engine=null"}).starts_with("--set is about the services"));
  CHECK(fails({"--compare", "serial", "--set", "model.engine=null"}) == "ok");
  CHECK(fails({"--size", "15"}) == "usage");
  CHECK(fails({"--priority", "urgent"}) == "usage");
  CHECK(fails({"--duration", "0"}) == "--duration must be longer than nothing");
  CHECK(fails({"--format", "same"}).starts_with("--format same says nothing here"));
}

}  // namespace inpaintd::tools
