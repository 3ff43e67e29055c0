// SPDX-License-Identifier: Apache-2.0
// A worker that starts before its NATS server.
#include <doctest/doctest.h>

#include "tests/support/child_process.h"
#include "tests/support/eventually.h"
#include "tests/support/nats_server.h"

using namespace inpaintd::test;

TEST_CASE("a worker without a NATS server warns with the reason, and logs that it serves once the server runs") {
  NatsServer nats;
  nats.stop();
  const TemporaryDirectory directory;
  const auto log = directory.path() / "log";
  const auto logged = [&](const std::string& text) { return contents(log).find(text) != std::string::npos; };
  const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "inpaintd";
  const auto worker = start_process({program.string(), "--server", nats.address("nats", "bob:rose bud,@"), "--set",
                                     "model.engine=null", "--set", "model.devices=cpu", "--set", "http.listen="},
                                    log);
  CHECK(eventually([&] {
    return logged("no request can arrive, because the NATS server is not connected: NATS nats://***@127.0.0.1:");
  }));
  CHECK(logged(": no server answers at this address; start nats-server, or check the URL"));
  CHECK(!logged("serving"));
  nats.restart();
  CHECK(eventually([&] { return logged("serving inpaint.v1.run as "); }));
  nats.stop();
  CHECK(eventually([&] { return logged("the connection to NATS is lost"); }));
  CHECK(!logged("rose"));
  CHECK(!logged("bud"));
  worker->signal(SIGTERM);
  CHECK(eventually([&] { return worker->ended().has_value(); }));
}
