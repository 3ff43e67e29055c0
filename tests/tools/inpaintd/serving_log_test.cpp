// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaintd/serving_log.h"

#include <doctest/doctest.h>

#include <vector>

namespace inpaintd::tools {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

struct Fixture {
  bool confirmed = true;
  Lines lines;
  ServingLog log{{"here", [this] { return confirmed; }, [] { return std::string("refused"); },
                  [this](const std::string& line) { lines.push_back("info: " + line); },
                  [this](const std::string& line) { lines.push_back("warn: " + line); }}};
  const TimePoint start = TimePoint{} + 1h;
};

const std::string warning = "warn: no request can arrive, because the NATS server is not connected: refused";

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a service says once that it serves, when the server has seen its subscriptions") {
  for (int i = 0; i < 3; ++i) log.look(true, start + i * 1h);
  CHECK(lines == Lines{"info: serving here"});
}

TEST_CASE_FIXTURE(Fixture, "a service that is not connected warns with the reason, again every half minute") {
  log.look(false, start);
  log.look(false, start + 30s - 1ms);
  CHECK(lines == Lines{warning});
  log.look(false, start + 30s);
  CHECK(lines == Lines{warning, warning});
}

TEST_CASE_FIXTURE(Fixture, "a service does not say that it serves before its subscriptions are confirmed") {
  confirmed = false;
  log.look(true, start);
  CHECK(lines == Lines{warning});
  confirmed = true;
  log.look(true, start + 1s);
  CHECK(lines == Lines{warning, "info: serving here"});
}

TEST_CASE_FIXTURE(Fixture, "after a lost connection a service warns at once, and says again that it serves") {
  log.look(true, start);
  log.look(false, start + 1s);
  log.look(true, start + 2s);
  CHECK(lines == Lines{"info: serving here", warning, "info: serving here"});
}

}  // namespace inpaintd::tools
