// SPDX-License-Identifier: Apache-2.0
#include "gateway/access.h"

#include <doctest/doctest.h>

#include "tests/support/temporary_directory.h"

using namespace inpaintd;
using namespace inpaintd::gateway;
using namespace inpaintd::test;

namespace {

HttpRequest request(const std::vector<std::pair<std::string, std::string>>& headers) {
  HttpRequest request;
  request.method = "POST";
  request.headers = headers;
  return request;
}

bool allowed(const Access& access, const std::string& host, const std::string& origin = "", bool changes = true) {
  return !access.check_site(request({{"host", host}, {"origin", origin}}), changes);
}

const Token alice{"0123456789abcdef", "alice", false}, boss{"fedcba9876543210", "boss", true};

}  // namespace

TEST_CASE("Host has to be an address, localhost or an allowed name: a rebound name of another site is refused") {
  const Access access({{"paint.example.org"}, {}, {}});
  for (const char* host : {"127.0.0.1:8080", "localhost", "LOCALHOST:8080", "[::1]:8080", "10.0.0.7", "localhost.",
                           "paint.example.org", "Paint.Example.org:443"}) {
    CAPTURE(host);
    CHECK(allowed(access, host));
  }
  for (const char* host :
       {"", "evil.example", "paint.example.org.evil.example", "localhost.evil.example", "[::1", "1.2.a"}) {
    CAPTURE(host);
    CHECK(!allowed(access, host));
  }
  CHECK(allowed(Access({{"*"}, {}, {}}), "any.example"));
}

TEST_CASE("a change comes from the gateway's own page or from an allowed origin") {
  const Access access({{}, {"https://app.example"}, {}});
  CHECK(allowed(access, "localhost:8080"));
  CHECK(allowed(access, "localhost:8080", "http://localhost:8080"));
  CHECK(allowed(access, "localhost:8080", "https://app.example"));
  CHECK(!allowed(access, "localhost:8080", "http://localhost:9090"));
  CHECK(!allowed(access, "localhost:8080", "https://evil.example"));
  CHECK(!allowed(access, "localhost:8080", "null"));
  CHECK(allowed(access, "localhost:8080", "https://evil.example", false));  // it cannot read the answer
}

TEST_CASE("CORS is off without allowed origins, and otherwise names the origin of the request") {
  CHECK(Access({}).cors_headers(request({{"origin", "https://app.example"}})).empty());
  const Access access({{}, {"https://app.example"}, {}});
  const auto headers = access.cors_headers(request({{"origin", "https://app.example"}}));
  REQUIRE(headers.size() == 3);
  CHECK(headers[1] == std::pair<std::string, std::string>("Access-Control-Allow-Origin", "https://app.example"));
  CHECK(access.cors_headers(request({{"origin", "https://evil.example"}})).size() == 1);
}

TEST_CASE("with tokens a request needs one of them, and the token decides about the priority high") {
  const Access access({{}, {}, {alice, boss}});
  const auto name = [&](const std::vector<std::pair<std::string, std::string>>& headers) {
    const auto token = access.check_token(request(headers));
    const auto* problem = std::get_if<Problem>(&token);
    return problem != nullptr ? problem->code : std::get<Token>(token).name;
  };
  CHECK(name({{"authorization", "Bearer 0123456789abcdef"}}) == "alice");
  CHECK(name({{"authorization", "bearer  fedcba9876543210 "}}) == "boss");
  CHECK(name({{"x-api-key", "0123456789abcdef"}}) == "alice");
  CHECK(name({{"authorization", "Bearer 0123456789abcdeX"}}) == "unauthorized");
  CHECK(name({{"authorization", "Basic 0123456789abcdef"}}) == "unauthorized");
  CHECK(name({}) == "unauthorized");
  CHECK(!std::get<Token>(Access({}).check_token(request({}))).high);
}

TEST_CASE("a file of tokens is read, and a fault in it is reported with its line") {
  const TemporaryDirectory directory;
  const auto read = [&](const std::string& text) { return read_tokens(directory.write("tokens", text)); };
  const auto tokens = read("# comment\n\n0123456789abcdef alice\n  fedcba9876543210\tboss high\n");
  REQUIRE(tokens);
  REQUIRE(tokens->size() == 2);
  CHECK(tokens->at(0).name == "alice");
  CHECK(!tokens->at(0).high);
  CHECK(tokens->at(1).high);
  for (const char* text :
       {"short alice", "0123456789abcdef", "0123456789abcdef alice low", "0123456789abcdef a high x"}) {
    CAPTURE(text);
    const auto refused = read(text);
    REQUIRE(!refused);
    CHECK(refused.error().message.find("line 1") != std::string::npos);
  }
  CHECK(!read("# none\n"));
  CHECK(!read_tokens("/nowhere"));
}
