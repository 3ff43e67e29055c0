// SPDX-License-Identifier: Apache-2.0
// NATS users whose permissions forbid a part of what the programs need.
#include <doctest/doctest.h>

#include "tests/e2e/program_run.h"
#include "tests/support/nats_server.h"

using namespace inpaintd::test;

namespace {

const char* const users = R"(authorization { timeout: 60, users: [
  {user: silent, password: x, permissions: {publish: ["other"], subscribe: [">"]}},
  {user: deaf, password: x, permissions: {publish: [">"], subscribe: ["other"]}},
  {user: worker, password: x, permissions: {publish: [">"], subscribe: {deny: ["inpaint.v1.run.high"]}}}] })";

ProgramRun inpaint(const std::string& url, const std::string& output) {
  return run_program("inpaint", {demo_file("photo.jpg"), demo_file("mask.png"), "-o", output, "--format", "png",
                                 "--server", url, "--timeout", "10min"});
}

}  // namespace

TEST_CASE("a client that may not publish requests ends at once, and names the subject") {
  const NatsServer nats(users);
  const TemporaryDirectory directory;
  const std::string url = nats.address("nats", "silent:x@");
  const ProgramRun picture = inpaint(url, directory / "out.png");
  CHECK(picture.says("permissions forbid this user to publish to `inpaint.v1.run`; extend the permissions"));
  CHECK(picture.exit_code == 3);
  const ProgramRun load = run_program("inpaint-load", {"--requests", "5", "--size", "64", "--server", url});
  CHECK(load.says("permissions forbid this user to publish to `inpaint.v1.run`"));
  CHECK(load.exit_code == 3);
}

TEST_CASE("a client that may not subscribe to its inbox ends at once, and names the permission but not its inbox") {
  const NatsServer nats(users);
  const NatsServer other;
  const TemporaryDirectory directory;
  const ProgramRun picture = inpaint(nats.address("nats", "deaf:x@"), directory / "out.png");
  CHECK(
      picture.says("forbid this user to subscribe to `_INBOX.>`, where answers arrive; extend the permissions, or use "
                   "an inbox prefix that they allow (--inbox-prefix)"));
  CHECK(picture.exit_code == 3);
}

TEST_CASE("a worker that may not subscribe to requests ends, names the subject, and never logs that it serves") {
  const NatsServer nats(users);
  const ProgramRun worker =
      run_program("inpaintd", {"--server", nats.address("nats", "worker:x@"), "--set", "model.engine=null", "--set",
                               "model.devices=cpu", "--set", "http.listen="});
  CHECK(worker.says("permissions forbid this user to subscribe to `inpaint.v1.run.high`"));
  CHECK(!worker.says("serving"));
  CHECK(worker.exit_code == 1);
}

TEST_CASE("a gateway that may not subscribe to its answers ends, and names the subject") {
  const NatsServer nats(users);
  const ProgramRun gateway =
      run_program("inpaint-gateway", {"--server", nats.address("nats", "deaf:x@"), "--listen", "127.0.0.1:0"});
  CHECK(gateway.says("permissions forbid this user to subscribe to `_INBOX."));
  CHECK(gateway.exit_code == 1);
}
