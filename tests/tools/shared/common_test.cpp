// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/common.h"

#include <doctest/doctest.h>

#include <CLI/CLI.hpp>
#include <chrono>

namespace inpaintd::tools {

using std::chrono::milliseconds;

TEST_CASE("a duration on the command line is seconds, or has a unit") {
  CHECK(parse_seconds("2") == milliseconds(2000));
  CHECK(parse_seconds("0.25") == milliseconds(250));
  CHECK(parse_seconds("0") == milliseconds(0));
  CHECK(parse_seconds("500ms") == milliseconds(500));
  CHECK(parse_seconds("2min") == milliseconds(120'000));
  for (const char* text : {"", "s", "-1", "1x", "nan", "1e300", "0.5s"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_seconds(text));
  }
}

TEST_CASE("wrong usage ends with 2, and only wrong usage") {
  const auto parse = [](std::vector<const char*> arguments) {
    CLI::App app("test", "test");
    ServerOptions server;
    server.declare(app);
    milliseconds wait{0};
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
