// SPDX-License-Identifier: Apache-2.0
// A JetStream stream that keeps the requests, and so acknowledges each of them in the client's inbox.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/e2e/program_run.h"
#include "tests/e2e/service_fixture.h"
#include "tests/support/eventually.h"

using namespace inpaintd;
using namespace inpaintd::test;

namespace {

struct StreamFixture : ServiceFixture {
  StreamFixture() : server("max_payload: 8MB\njetstream { store_dir: \"" + directory / "js" + "\" }\n") {
    config.nats.url = server.url();
    restart();
    ConnectionOptions options;
    options.url = server.url();
    options.connect_timeout = long_enough;
    auto connection = Connection::open(options);
    REQUIRE(connection);
    client = std::move(*connection);
    const std::string stream =
        R"({"name":"AUDIT","subjects":["inpaint.>"],"storage":"memory","retention":"limits","max_bytes":50000000})";
    const auto made = client->request("$JS.API.STREAM.CREATE.AUDIT", as_bytes(stream), long_enough);
    REQUIRE(made);
    const Bytes data = made->data();
    REQUIRE_MESSAGE(std::string(data.begin(), data.end()).find("\"error\"") == std::string::npos,
                    std::string(data.begin(), data.end()));
  }

  TemporaryDirectory directory;
  NatsServer server;
};

}  // namespace

TEST_CASE_FIXTURE(StreamFixture,
                  "a picture is filled although a stream acknowledges the request before the service answers") {
  const ProgramRun run = run_program("inpaint", {demo_file("photo.jpg"), demo_file("mask.png"), "-o",
                                                 directory / "out.png", "--server", server.url()});
  CHECK(run.output == "");
  CHECK(run.exit_code == 0);
  CHECK(std::filesystem::exists(directory / "out.png"));
}

TEST_CASE_FIXTURE(StreamFixture, "a load counts the answers of the service, and not the acknowledgements of a stream") {
  (void)run_program("inpaint-load", {"--requests", "20", "--warmup", "0", "--concurrency", "2", "--size", "64",
                                     "--server", server.url(), "--json", directory / "report.json"});
  // The exit code also tells whether requests left on time, which depends on the machine.
  const auto report = nlohmann::json::parse(contents(directory / "report.json"));
  CHECK(report["ok"] == 20);
  CHECK(report["all"]["duplicate"] == 0);
}
