// SPDX-License-Identifier: Apache-2.0
#include "bus/denials.h"

#include "bus/call.h"
#include "tests/bus/bus_support.h"

namespace inpaintd::test {
namespace {

using Operation = Denial::Operation;

const std::string may_ask =
    R"(authorization { timeout: 60, users: [
      {user: ask, password: x, permissions: {publish: ["asked"], subscribe: ["_INBOX.>"]}},
      {user: mute, password: x, permissions: {publish: [">"], subscribe: ["open"]}},
      {user: all, password: x}] })";

const std::string advice = "; extend the permissions, or use another user";

}  // namespace

TEST_CASE("the server's text about a permission violation is read") {
  CHECK(parse_denial("Permissions Violation for Publish to \"a.b\"") == Denial{Operation::publish, "a.b"});
  CHECK(parse_denial("'Permissions Violation for Publish with Reply of \"in.1\"'") ==
        Denial{Operation::publish, "in.1"});
  CHECK(parse_denial("Permissions Violation for Subscription to \"a.>\"") == Denial{Operation::subscribe, "a.>"});
  CHECK(parse_denial("Permissions Violation for Subscription to \"a\" using queue \"q\"") ==
        Denial{Operation::subscribe, "a"});
  for (const char* other : {"", "Permissions Violation", "Authorization Violation", "Stale Connection"})
    CHECK(parse_denial(other) == std::nullopt);
}

TEST_CASE("a request to a subject that the user may not publish to ends at once, and the error names the subject") {
  const NatsServer server(may_ask);
  const auto client = connect({.url = server.address("nats", "ask:x@")});
  const auto reply = client->request("secret", as_bytes("x"), long_enough);
  CHECK(failure(reply) == "the NATS server's permissions forbid this user to publish to `secret`" + advice);
  CHECK(reply.error().code == ErrorCode::internal);
  CHECK(client->connected());
}

TEST_CASE("a request whose inbox the user may not subscribe to ends at once, and the error names the inboxes") {
  const NatsServer server(may_ask);
  const auto service = connect({.url = server.address("nats", "all:x@")});
  const auto subscription = service->subscribe("asked", "", [](const Message&) {});  // it never answers
  REQUIRE(subscription);
  REQUIRE(service->flush(long_enough));
  const auto client = connect({.url = server.address("nats", "mute:x@")});
  CHECK(failure(client->request("asked", as_bytes("x"), long_enough)) ==
        "the NATS server's permissions forbid this user to subscribe to `_INBOX.>`, where answers arrive; extend the "
        "permissions, or use an inbox prefix that they allow (--inbox-prefix)");
}

TEST_CASE("a denial ends only the calls that it concerns") {
  const NatsServer server(may_ask);
  const auto service = connect({.url = server.address("nats", "all:x@")});
  Connection* answer = service.get();
  const auto subscription = service->subscribe("asked", "", [answer](const Message& message) {
    (void)answer->publish(std::string(message.reply()), as_bytes("here"));
  });
  REQUIRE(subscription);
  REQUIRE(service->flush(long_enough));
  const auto events = std::make_shared<Log>();
  const auto client = connect({.url = server.address("nats", "ask:x@")}, events);
  auto call = Call::start(*client, "asked", as_bytes("x"));
  REQUIRE(call);
  REQUIRE(client->publish("one", {}));
  REQUIRE(client->publish("two", {}));
  CHECK(eventually([&] { return events->contains("publish to `one`") && events->contains("publish to `two`"); }));
  const auto message = call->next(long_enough);
  REQUIRE(message);
  REQUIRE(*message);
  CHECK(string_of((*message)->data()) == "here");
}

TEST_CASE("a subscription that the server denies is not confirmed") {
  const NatsServer server(may_ask);
  const auto client = connect({.url = server.address("nats", "mute:x@")});
  const auto open = client->subscribe("open", "", [](const Message&) {});
  CHECK(client->confirm_subscription("open", long_enough));
  const auto closed = client->subscribe("closed", "group", [](const Message&) {});
  CHECK(failure(client->confirm_subscription("closed", long_enough)) ==
        "NATS " + server.address("nats", "***@") +
            ": the NATS server's permissions forbid this user to subscribe to `closed`" + advice);
  CHECK(client->confirm_subscription("open", long_enough));
}

TEST_CASE("who watches for denials is told of each until the watch ends") {
  Denials denials;
  int first = 0, second = 0;
  auto one = denials.watch([&](const Denial&) { ++first; });
  const auto two = denials.watch([&](const Denial& denial) { second += denial.subject == "a" ? 1 : 100; });
  denials.tell({Operation::publish, "a"});
  one.reset();
  denials.tell({Operation::subscribe, "a"});
  CHECK(first == 1);
  CHECK(second == 2);
}

}  // namespace inpaintd::test
