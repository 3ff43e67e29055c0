// SPDX-License-Identifier: Apache-2.0
#include "bus/key_value.h"

#include <algorithm>
#include <vector>

#include "bus/layout.h"
#include "tests/bus/bus_support.h"

namespace inpaintd::test {
namespace {

struct Bench : JetStreamServer {
  std::unique_ptr<Connection> connection = connect({.url = server.url()});
  KeyValue states{*connection, "inpaint_jobs", long_enough};

  Bench() {
    Layout layout(*connection, {}, long_enough);
    for (const std::string& part : layout.parts()) REQUIRE(layout.make(part));
  }
};

}  // namespace

TEST_CASE("a key is made once, and changed by the writer who knows its last revision") {
  Bench bench;
  CHECK(!bench.states.get("alice.1")->has_value());
  const auto made = bench.states.create("alice.1", as_bytes("queued"));
  REQUIRE(made);
  REQUIRE(*made);
  CHECK(!bench.states.create("alice.1", as_bytes("queued"))->has_value());
  const auto changed = bench.states.update("alice.1", as_bytes("running"), **made);
  REQUIRE(*changed);
  CHECK(!bench.states.update("alice.1", as_bytes("late"), **made)->has_value());
  CHECK((*bench.states.get("alice.1"))->value == "running");
  CHECK((*bench.states.look("alice.1"))->revision == **changed);
}

TEST_CASE("a removed key is absent, and can be made again") {
  Bench bench;
  REQUIRE(*bench.states.create("alice.1", as_bytes("queued")));
  REQUIRE(bench.states.remove("alice.1"));
  CHECK(!bench.states.get("alice.1")->has_value());
  CHECK(!bench.states.look("alice.1")->has_value());
  REQUIRE(*bench.states.create("alice.1", as_bytes("again")));
  CHECK((*bench.states.get("alice.1"))->value == "again");
}

TEST_CASE("the keys of one owner are listed without those of others") {
  Bench bench;
  for (const char* key : {"alice.1", "alice.2", "alicea.3", "bob.1"}) REQUIRE(*bench.states.create(key, as_bytes("x")));
  auto keys = *bench.states.keys("alice.");
  std::ranges::sort(keys);
  CHECK(keys == std::vector<std::string>{"alice.1", "alice.2"});
  CHECK(bench.states.keys()->size() == 4);
  CHECK(bench.states.keys("carol.")->empty());
}

TEST_CASE("a bucket that does not exist is an error that names it") {
  const JetStreamServer server;
  const auto connection = connect({.url = server.server.url()});
  KeyValue states(*connection, "inpaint_jobs", std::chrono::milliseconds(500));
  CHECK(failure(states.create("a.b", as_bytes("x"))).find("bucket \"inpaint_jobs\"") != std::string::npos);
}

TEST_CASE("the layout is made once; a second look finds no difference, and a wish that changed is told and done") {
  const JetStreamServer server;
  const auto connection = connect({.url = server.server.url()});
  Layout layout(*connection, {}, long_enough);
  for (const std::string& part : layout.parts()) {
    CAPTURE(part);
    CHECK(!layout.differences(part)->has_value());
    const Status made = layout.make(part);
    REQUIRE_MESSAGE(made, made.error().message);
    const auto differences = layout.differences(part);
    REQUIRE(*differences);
    CHECK(**differences == std::vector<std::string>{});
  }
  LayoutOptions options;
  options.dead_age = std::chrono::hours(1);
  Layout wanted(*connection, options, long_enough);
  CHECK(**wanted.differences("stream INPAINT_DEAD") ==
        std::vector<std::string>{"max_age: 2592000000000000 instead of 3600000000000"});
  REQUIRE(wanted.change("stream INPAINT_DEAD"));
  CHECK((*wanted.differences("stream INPAINT_DEAD"))->empty());
}

}  // namespace inpaintd::test
