// SPDX-License-Identifier: Apache-2.0
#include "core/server_url.h"

#include <doctest/doctest.h>

using namespace inpaintd;

namespace {

using Urls = std::vector<ServerUrl>;

ServerUrl at(const std::string& host, int port = 4222) { return {"nats", "", "", host, port}; }

Urls parsed(std::string_view text) {
  const auto urls = parse_server_urls(text);
  REQUIRE_MESSAGE(urls, urls.error().message);
  return *urls;
}

ServerUrl credentials(std::string_view text) {
  const Urls urls = parsed(text);
  REQUIRE(urls.size() == 1);
  CHECK(urls[0].host == "host");
  return urls[0];
}

std::string refusal(std::string_view text) {
  const auto urls = parse_server_urls(text);
  REQUIRE_FALSE(urls);
  return urls.error().message;
}

}  // namespace

TEST_CASE("a server URL may leave out its scheme, its port and its host") {
  CHECK(parsed("nats://127.0.0.1:4223") == Urls{at("127.0.0.1", 4223)});
  CHECK(parsed("a-b.example.org") == Urls{at("a-b.example.org")});
  CHECK(parsed("host:1/") == Urls{at("host", 1)});
  CHECK(parsed("nats://[::1]:4333") == Urls{at("[::1]", 4333)});
  CHECK(parsed("nats://[::1]") == Urls{at("[::1]")});
  CHECK(parsed("nats://:5") == Urls{at("localhost", 5)});
  CHECK(parsed("tls://host")[0].scheme == "tls");
}

TEST_CASE("several server URLs are separated by commas, with white space and empty elements left out") {
  CHECK(parsed(" a:1,,nats://b:2 ,\tc ,") == Urls{at("a", 1), at("b", 2), at("c")});
  CHECK(parsed("nats://u:p@a:1, nats://b:2") == Urls{{"nats", "u", "p", "a", 1}, at("b", 2)});
  CHECK(parsed("nats://a:1, nats://u:p@b:2") == Urls{at("a", 1), {"nats", "u", "p", "b", 2}});
}

TEST_CASE("credentials reach to the last @, and are decoded from percent-encoding") {
  CHECK(credentials("nats://bob:secret@host").user == "bob");
  CHECK(credentials("nats://bob:secret@host").password == "secret");
  CHECK(credentials("nats://t0ken@host").user == "t0ken");
  CHECK(credentials("nats://t0ken@host").password == "");
  CHECK(credentials("bob:secret@host").password == "secret");
  CHECK(credentials("nats://b%40b:p%3a%2F%2c@host").user == "b@b");
  CHECK(credentials("nats://b%40b:p%3a%2F%2c@host").password == "p:/,");
  CHECK(credentials("nats://bob:a@b:c@host").password == "a@b:c");
  CHECK(credentials("nats://bob:x://y@host").password == "x://y");
  for (const std::string password :
       {"correct horse", "hun,ter2", "a'b\"c", "(a)[b]{c}<d>", "50%", "%4", "%zz", "100%@"})
    CHECK(credentials("nats://bob:" + password + "@host").password == password);
}

TEST_CASE("a wrong server URL is refused, and the error shows no credentials") {
  for (const char* url : {"", ",", " \t", ",,\f,", "\n", "\v", "\r"})
    CHECK(refusal(url) == "no server URL is given; write one such as nats://127.0.0.1:4222");
  CHECK(refusal("ws://host") == "a server URL begins with nats:// or tls://, not with another scheme; correct the URL");
  for (const char* port : {"0", "65536", "x", "", "-1", "1 2", "99999999999999999999"})
    CHECK(refusal(std::string("nats://bob:rosebud@host:") + port + ",a") ==
          "the port of a server URL must be a number from 1 to 65535, as in nats://127.0.0.1:4222");
  CHECK(refusal("nats://bob:rose@bud/host").find("write @ as %40, / as %2F and a comma as %2C") != std::string::npos);
  CHECK(refusal("nats://%00@host") == "the credentials contain a zero byte; correct the percent-encoding (%00)");
  CHECK(refusal("nats://:rosebud@host") == "the credentials have no user name; write user:password@ or token@");
}

TEST_CASE("the list of servers is shown without credentials") {
  CHECK(shown_servers("nats://host:4222") == "nats://host:4222");
  CHECK(shown_servers("a, nats://bob:rose,bud@b:1") == "nats://a:4222, nats://***@b:1");
  CHECK(shown_servers("nats://t0ken@host") == "nats://***@host:4222");
  CHECK(shown_servers("nats://bob:rose bud@host:none") == "nats://***@host:none");
}

TEST_CASE("everything between :// and the last @ is hidden in any text") {
  CHECK(without_secrets("nats://host:4222") == "nats://host:4222");
  CHECK(without_secrets("no address at all") == "no address at all");
  CHECK(without_secrets("bob:secret@host") == "***@host");
  for (const std::string password : {"correct horse", "hun,ter2", "a'b\"c", "(a)[b]{c}<d>", "p@ss", "x://y", "a\nb"})
    CHECK(without_secrets("cannot reach 'nats://bob:" + password + "@host', (is it up?)") ==
          "cannot reach 'nats://***@host', (is it up?)");
}
