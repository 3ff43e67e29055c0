// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/command_line.h"

#include <doctest/doctest.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <vector>

#include "tools/shared/duration_option.h"
#include "tools/shared/server_options.h"

namespace inpaintd::tools {

TEST_CASE("wrong usage, and nothing else, ends with exit code 2") {
  const auto parse = [](std::vector<const char*> arguments) {
    CLI::App app("test", "test");
    ServerOptions server;
    server.declare(app);
    std::chrono::milliseconds wait{0};
    declare_duration(app, "--wait", wait, "Wait");
    return parse_command_line(app, static_cast<int>(arguments.size()), const_cast<char**>(arguments.data()));
  };
  CHECK(parse({"test"}) == std::nullopt);
  CHECK(parse({"test", "--server", "nats://a:1", "--wait", "5ms"}) == std::nullopt);
  CHECK(parse({"test", "--help"}) == exit_ok);
  CHECK(parse({"test", "--version"}) == exit_ok);
  CHECK(parse({"test", "--sever", "x"}) == exit_usage);
  CHECK(parse({"test", "--wait", "soon"}) == exit_usage);
  CHECK(parse({"test", "--tls-cert", "/etc/hostname"}) == exit_usage);
}

}  // namespace inpaintd::tools
