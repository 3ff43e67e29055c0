// SPDX-License-Identifier: Apache-2.0
// A JetStream stream on the subjects of requests, which acknowledges each request in the inbox of the client.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/e2e/program_run.h"
#include "tests/e2e/service_fixture.h"
#include "tests/support/client_connection.h"
#include "tests/support/eventually.h"

using namespace inpaintd;
using namespace inpaintd::test;

namespace {

struct StreamFixture : ServiceFixture {
  StreamFixture() : server("max_payload: 8MB\njetstream { store_dir: \"" + directory / "js" + "\" }\n") {
    config.nats.url = server.url();
    restart();
    client = connect_to(server.url());
    const std::string stream =
        R"({"name":"AUDIT","subjects":["inpaint.>"],"storage":"memory","retention":"limits","max_bytes":50000000})";
    const auto made = client->request("$JS.API.STREAM.CREATE.AUDIT", as_bytes(stream), long_enough);
    REQUIRE(made);
    const Bytes data = made->data();
    REQUIRE_MESSAGE(std::string(data.begin(), data.end()).find("\"error\"") == std::string::npos,
                    std::string(data.begin(), data.end()));
  }

  ~StreamFixture() { end(); }

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
  // The exit code is not checked, because it depends on whether requests were sent on time.
  const auto report = nlohmann::json::parse(contents(directory / "report.json"));
  CHECK(report["ok"] == 20);
  CHECK(report["all"]["duplicate"] == 0);
}
