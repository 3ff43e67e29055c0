// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/options.h"

#include <doctest/doctest.h>

#include <CLI/CLI.hpp>
#include <vector>

#include "tools/shared/command_line.h"

namespace inpaintd::tools {

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
  LoadOptions people;
  CHECK(load({"--sizes", "people"}, people) == "ok");
  CHECK(people.sizes == people_sizes());
  CHECK(people.masks == MaskKind::hole);
  LoadOptions boxes;
  CHECK(load({"--sizes", "people", "--masks", "box"}, boxes) == "ok");
  CHECK(boxes.masks == MaskKind::box);
  const auto fails = [&](std::vector<const char*> arguments) {
    LoadOptions unused;
    return load(std::move(arguments), unused);
  };
  CHECK(fails({"--rate", "1", "--concurrency", "2"}) == "usage");
  CHECK(fails({"--poisson"}).starts_with("--poisson works in an open loop only"));
  CHECK(fails({"--poisson", "--profile", "burst"}) == "ok");
  CHECK(fails({"--profile", "flood"}) == "usage");
  CHECK(fails({"--slo", "soon"}) == "usage");
  CHECK(fails({"--find-peak"}).starts_with("--find-peak needs a latency limit"));
  CHECK(fails({"--find-peak", "--slo", "2", "--profile", "ramp"}).starts_with("--find-peak chooses the rates itself"));
  CHECK(fails({"--find-peak", "--slo", "2", "--poisson"}) == "ok");
  CHECK(fails({"--requests", "5", "--rate", "1"}).starts_with("--requests works in the closed loop only"));
  CHECK(fails({"--poison", "1.1"}) == "usage");
  CHECK(fails({"--poison", "0.6", "--cancel", "0.6"}).starts_with("the shares --poison and --cancel"));
  CHECK(fails({"--repeat", "0.6", "--repeat-masks", "0.6"}).starts_with("the shares --repeat and --repeat-masks"));
  CHECK(fails({"--retries", "64"}) == "usage");
  CHECK(fails({"--set", "model.engine=null"}).starts_with("--set changes the services"));
  CHECK(fails({"--compare", "serial", "--set", "model.engine=null"}) == "ok");
  CHECK(fails({"--size", "15"}) == "usage");
  CHECK(fails({"--sizes", "people"}) == "ok");
  CHECK(fails({"--sizes", "/does/not/exist"}) == "usage");
  CHECK(fails({"--sizes", "people", "--size", "256"}).starts_with("--sizes makes pictures of noise"));
  CHECK(fails({"--sizes", "people", "--images", "/"}).starts_with("--sizes makes pictures of noise"));
  CHECK(fails({"--as-is"}).starts_with("--as-is needs photographs"));
  CHECK(fails({"--as-is", "--images", "/"}) == "ok");
  CHECK(fails({"--priority", "urgent"}) == "usage");
  CHECK(fails({"--duration", "0"}) == "--duration must be at least 1ms");
  CHECK(fails({"--format", "same"}).starts_with("--format same has no meaning"));
}

}  // namespace inpaintd::tools
