// SPDX-License-Identifier: Apache-2.0
#include "monitoring/probe_server.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include "tests/support/http_get.h"
#include "tests/support/reserved_port.h"

using namespace inpaintd;
using test::http;

namespace {

std::unique_ptr<ProbeServer> start(std::vector<Probe> probes) {
  auto server = ProbeServer::start("127.0.0.1:0", std::move(probes));
  REQUIRE(server);
  return std::move(*server);
}

}  // namespace

TEST_CASE("a route is answered with the present status, type and body") {
  int asked = 0;
  const auto server =
      start({{"/ready", [&] { return HttpReply::of(++asked == 1 ? 503 : 200, "text/plain", "body"); }}});
  const auto first = http(server->port(), "/ready");
  CHECK(first.status == 503);
  CHECK(first.body == "body");
  CHECK(first.headers.find("Content-Type: text/plain") != std::string::npos);
  CHECK(first.headers.find("Content-Length: 4") != std::string::npos);
  CHECK(http(server->port(), "/ready").status == 200);
}

TEST_CASE("HEAD is GET without the body") {
  const auto server = start({{"/x", [] { return HttpReply::of(200, "text/plain", "body"); }}});
  const auto answer = http(server->port(), "/x", "HEAD");
  CHECK(answer.status == 200);
  CHECK(answer.headers.find("Content-Length: 4") != std::string::npos);
  CHECK(answer.body.empty());
}

TEST_CASE("other paths and methods are refused, and no files are served") {
  const auto server = start({{"/x", [] { return HttpReply::of(200, "text/plain", "body"); }}});
  for (const std::string path : {"/", "/y", "/x/y", "/xy", "/../etc/passwd", "/etc/passwd"}) {
    CAPTURE(path);
    CHECK(http(server->port(), path).status == 404);
  }
  CHECK(http(server->port(), "/x?a=b").status == 200);
  for (const std::string method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
    CAPTURE(method);
    CHECK(http(server->port(), "/x", method).status == 405);
  }
}

TEST_CASE("a handler that throws gives a 500 with the text of its exception") {
  const auto server = start({{"/x", []() -> HttpReply { throw std::runtime_error("out of luck"); }}});
  const auto answer = http(server->port(), "/x");
  CHECK(answer.status == 500);
  CHECK(answer.body == "out of luck\n");
}

TEST_CASE("a port in use is an error that names the address, and the end of the server frees the port") {
  const test::ReservedPort port;
  const std::string address = "127.0.0.1:" + std::to_string(port.number());
  auto server = ProbeServer::start(address, {});
  REQUIRE(server);
  CHECK((*server)->port() == port.number());
  const auto second = ProbeServer::start(address, {});
  REQUIRE(!second);
  CHECK(second.error().message.find(address) != std::string::npos);
  CHECK(second.error().message.find("http.listen") != std::string::npos);
  server->reset();
  CHECK(ProbeServer::start(address, {}));
}
