// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "bus/call.h"
#include "bus/nkey.h"
#include "tests/bus/bus_support.h"

namespace inpaintd::test {
namespace {

// The example of the public NATS documentation.
const std::string seed = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
const std::string public_key = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";

/// The error of a connection that must not open. The timeout is long, so that it is never the cause.
std::string refusal(ConnectionOptions options) {
  options.connect_timeout = long_enough;
  return failure(Connection::open(options));
}

/// A certificate for `host` ("IP:127.0.0.1", "DNS:example.org") that is its own authority.
struct Certificate {
  explicit Certificate(const std::string& host)
      : cert((directory.path() / "cert.pem").string()), key((directory.path() / "key.pem").string()) {
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        "-subj /CN=inpaintd-test -addext subjectAltName=" +
        host + " -keyout " + key + " -out " + cert + " 2>/dev/null";
    REQUIRE_MESSAGE(std::system(command.c_str()) == 0, "openssl could not make a certificate");
  }
  [[nodiscard]] std::string server_config(const std::string& more = {}) const {
    return "tls { timeout: 60, cert_file: \"" + cert + "\", key_file: \"" + key + "\"" + more + " }";
  }
  TemporaryDirectory directory;
  std::string cert;
  std::string key;
};

const std::string refused =
    "the server refuses the credentials; check user and password, token, nkey or credentials file";

}  // namespace

TEST_CASE("a user and password open the connection, and the error about a wrong password does not show it") {
  const NatsServer server("authorization { timeout: 60, user: ann, password: rosebud }");
  CHECK(connect({.url = server.url(), .user = "ann", .password = "rosebud"})->connected());
  const auto in_url = connect({.url = server.address("nats", "ann:rosebud@")});
  CHECK(in_url->connected_url().find("rosebud") == std::string::npos);
  CHECK(refusal({.url = server.url()}) == "NATS " + server.url() + ": cannot connect: " + refused);
  CHECK(refusal({.url = server.url(), .user = "ann", .password = "sled"}) ==
        "NATS " + server.url() + ": cannot connect: " + refused);
  CHECK(refusal({.url = server.address("nats", "ann:sled@")}) ==
        "NATS " + server.address("nats", "***@") + ": cannot connect: " + refused);
}

TEST_CASE("credentials in a URL may be percent-encoded, and may have any character but a colon in the user") {
  const NatsServer server(R"(authorization { timeout: 60, user: "a@b", password: "c:d/e, f'[g]%" })");
  for (const char* credentials : {"a%40b:c%3Ad%2Fe%2C%20f%27%5Bg%5D%25@", "a@b:c:d/e, f'[g]%@"}) {
    const auto connection = connect({.url = server.address("nats", credentials)});
    CHECK(connection->connected());
    CHECK(connection->connected_url() == server.address("nats", "***@"));
    CHECK(connection->servers() == server.address("nats", "***@"));
  }
  CHECK(refusal({.url = server.address("nats", "a%3Ab:c@")}) ==
        "NATS connection: a user name or token in a server URL has a colon, which only the settings for user and token "
        "can hold");
}

TEST_CASE("each server of a cluster may have credentials of its own in its URL") {
  NatsServer dead;
  dead.stop();
  const NatsServer alive("authorization { timeout: 60, user: ann, password: rosebud }");
  const auto connection =
      connect({.url = dead.address("nats", "bob:sled@") + "," + alive.address("nats", "ann:rosebud@")});
  CHECK(connection->connected_url() == alive.address("nats", "***@"));
}

TEST_CASE("a token opens the connection, and the error about a wrong token does not show it") {
  const NatsServer server("authorization { timeout: 60, token: rosebud }");
  CHECK(connect({.url = server.url(), .token = "rosebud"})->connected());
  CHECK(connect({.url = server.address("nats", "rosebud@")})->connected());
  CHECK(refusal({.url = server.address("nats", "sled@")}) ==
        "NATS " + server.address("nats", "***@") + ": cannot connect: " + refused);
}

TEST_CASE("a connection whose credentials are refused twice reports that it is given up") {
  NatsServer server("authorization { timeout: 60, token: rosebud }");
  const auto events = std::make_shared<Log>();
  const auto connection = connect({.url = server.address("nats", "sled@"), .retry_first_connect = true}, events);
  auto call = Call::start(*connection, "a", {});  // it waits for the connection, unless that is closed already
  CHECK(eventually([&] { return events->contains("the connection is given up"); }));
  CHECK(!(call && call->next(long_enough)));
  CHECK(!events->contains("sled"));
}

TEST_CASE("an nkey seed file opens the connection") {
  const NatsServer server("authorization { timeout: 60, users: [{nkey: " + public_key + "}] }");
  const TemporaryDirectory directory;
  CHECK(connect({.url = server.url(), .nkey_seed_file = directory.write("seed", seed + "\n")})->connected());
  const std::string both = directory.write("both", seed + "\n" + public_key + "\n");
  CHECK(connect({.url = server.url(), .nkey_seed_file = both})->connected());
  CHECK(refusal({.url = server.url()}) == "NATS " + server.url() + ": cannot connect: " + refused);
}

TEST_CASE("a seed gives its public key, and the error about a damaged seed does not show it") {
  CHECK(*nkey_public_key(seed) == public_key);
  std::string damaged = seed;
  damaged[10] = damaged[10] == 'A' ? 'B' : 'A';
  for (const std::string& bad : {damaged, seed.substr(1), seed + "A", std::string("SU"), std::string(), public_key})
    CHECK(failure(nkey_public_key(bad)) ==
          "the text is not a user's NKey seed (SU..., 58 characters); check it for a wrong character");

  const TemporaryDirectory directory;
  const std::string file = directory.write("seed", damaged);
  CHECK(refusal({.nkey_seed_file = file}) ==
        "NATS connection: nkey seed file " + file +
            ": the text is not a user's NKey seed (SU..., 58 characters); check it for a wrong character");
  const std::string empty = directory.write("empty", "");
  CHECK(refusal({.nkey_seed_file = empty}) ==
        "NATS connection: nkey seed file " + empty + " has no line that starts with SU; write a user's seed into it");
}

TEST_CASE("the error about a file that cannot be read names the file") {
  CHECK(refusal({.nkey_seed_file = "/none"}) ==
        "NATS connection: nkey seed file /none cannot be read: No such file or directory");
  CHECK(refusal({.credentials_file = "/none"}) ==
        "NATS connection: credentials file /none cannot be read: No such file or directory");
  CHECK(refusal({.tls_ca_file = "/none"}) ==
        "NATS connection: TLS certificate authority file /none cannot be read: No such file or directory");
  CHECK(refusal({.tls_cert_file = "/none"}) ==
        "NATS connection: a TLS client certificate needs both its file and its key file");
  CHECK(refusal({.url = " , "}) == "NATS connection: no server URL is given; write one such as nats://127.0.0.1:4222");
}

TEST_CASE("a TLS connection needs the certificate of the server's authority") {
  const Certificate certificate("IP:127.0.0.1");
  const NatsServer server(certificate.server_config());
  CHECK(connect({.url = server.address("tls"), .tls_ca_file = certificate.cert})->flush(long_enough));
  CHECK(connect({.url = server.url(), .tls_ca_file = certificate.cert})->flush(long_enough));
  CHECK(!refusal({.url = server.url()}).empty());
  const std::string unknown = refusal({.url = server.address("tls")});
  CHECK(unknown.starts_with("NATS " + server.address("tls") + ": cannot connect: "));
  CHECK(unknown.find("check the CA file") != std::string::npos);
}

TEST_CASE("a server certificate for another host is refused") {
  const Certificate certificate("DNS:example.org");
  const NatsServer server(certificate.server_config());
  CHECK(refusal({.url = server.address("tls"), .tls_ca_file = certificate.cert})
            .find("that the server's certificate names the URL's host") != std::string::npos);
}

TEST_CASE("the client certificate is sent to a server that demands one") {
  const Certificate certificate("IP:127.0.0.1");
  const NatsServer server(certificate.server_config(", ca_file: \"" + certificate.cert + "\", verify: true"));
  CHECK(connect({.url = server.url(),
                 .tls_ca_file = certificate.cert,
                 .tls_cert_file = certificate.cert,
                 .tls_key_file = certificate.key})
            ->flush(long_enough));
}

TEST_CASE("the error about a server without TLS says how to change the client or the server") {
  const NatsServer plain;
  CHECK(refusal({.url = plain.url(), .tls = true}) ==
        "NATS " + plain.url() +
            ": cannot connect: TLS is wanted, but the server does not offer it; use nats:// without TLS settings, or "
            "configure the server's tls block");
}

}  // namespace inpaintd::test
