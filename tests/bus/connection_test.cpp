// SPDX-License-Identifier: Apache-2.0
#include <future>

#include "tests/bus/bus_support.h"

namespace inpaintd::test {
namespace {

Connection::Handler collect(const LogPtr& log) {
  return [log](const Message& message) { log->add(string_of(message.data())); };
}

Subscription subscribed(Connection& connection, const std::string& subject, Connection::Handler handler,
                        const std::string& group = {}) {
  auto subscription = connection.subscribe(subject, group, std::move(handler));
  REQUIRE(subscription);
  REQUIRE(connection.flush(long_enough));
  return std::move(*subscription);
}

}  // namespace

TEST_CASE("a subscriber of the subject answers a request, and bytes and headers arrive unchanged") {
  const NatsServer server;
  const auto service = connect({.url = server.url()});
  const auto client = connect({.url = server.url()});
  Connection* answer = service.get();
  const auto subscription = subscribed(*service, "echo", [answer](const Message& message) {
    const std::string text = std::string(message.subject()) + string_of(message.data());
    (void)answer->publish(std::string(message.reply()), as_bytes(text), {{"Code", "4\r\n2"}});
  });
  const std::string binary("\0\xff\r\n", 4);
  const auto reply = client->request("echo", as_bytes(binary), long_enough);
  REQUIRE(reply);
  CHECK(string_of(reply->data()) == "echo" + binary);
  CHECK(reply->header("Code").find_first_of("\r\n") == std::string::npos);
  CHECK(reply->header("Other").empty());
  CHECK(reply->reply().empty());
  CHECK(!reply->no_responders());
  CHECK(client->connected());
  CHECK(client->connected_url() == server.url());
  CHECK(client->statistics().out_messages == 1);
  CHECK(client->statistics().in_messages == 1);
}

TEST_CASE("each message goes to one member of a queue group, and to every subscriber without a group") {
  const NatsServer server;
  const auto first = connect({.url = server.url()});
  const auto second = connect({.url = server.url()});
  const auto shared = std::make_shared<Log>();
  const auto every = std::make_shared<Log>();
  auto one = subscribed(*first, "work", collect(shared), "group");
  auto two = subscribed(*second, "work", collect(shared), "group");
  auto all = subscribed(*first, "work", collect(every));
  auto also = subscribed(*second, "work", collect(every));
  for (int i = 0; i < 100; ++i) REQUIRE(first->publish("work", as_bytes("x")));
  REQUIRE(first->flush(long_enough));
  REQUIRE(second->flush(long_enough));
  for (Subscription* each : {&one, &two, &all, &also}) each->start_drain(long_enough);
  for (Subscription* each : {&one, &two, &all, &also}) each->wait_drained(long_enough);
  CHECK(shared->size() == 100);
  CHECK(every->size() == 200);
}

TEST_CASE("a request to a subject without subscribers fails at once, and the error says what to do") {
  const NatsServer server;
  const auto client = connect({.url = server.url()});
  const auto reply = client->request("nobody.here", as_bytes("x"), long_enough);
  CHECK(failure(reply) == "no responders: no service listens on `nobody.here` at " + server.url() +
                              "; start inpaintd with the same server and subject prefix");
  CHECK(reply.error().code == ErrorCode::internal);

  const auto answers = std::make_shared<Log>();
  const std::string inbox = client->new_inbox();
  const auto subscription = subscribed(*client, inbox, [answers](const Message& message) {
    answers->add(message.no_responders() ? "nobody" : "somebody");
  });
  REQUIRE(client->publish("nobody.here", as_bytes("x"), {}, inbox));
  CHECK(eventually([&] { return answers->size() == 1; }));
  CHECK(answers->contains("nobody"));
}

TEST_CASE("a request without a reply within its timeout fails with deadline_exceeded") {
  const NatsServer server;
  const auto client = connect({.url = server.url()});
  const auto subscription = subscribed(*client, "mute", [](const Message&) {});
  const auto reply = client->request("mute", {}, std::chrono::milliseconds(20));
  CHECK(failure(reply) == "request to `mute`: no reply within 20 ms; allow more time, or try again");
  CHECK(reply.error().code == ErrorCode::deadline_exceeded);
}

TEST_CASE("a message above the server's max_payload is refused with the limit in the error") {
  const NatsServer server("max_payload: 1000");
  const auto client = connect({.url = server.url()});
  CHECK(client->max_payload() == 1000);
  const std::string fits(1000, 'x');
  const std::string large(1001, 'x');
  CHECK(client->publish("a", as_bytes(fits)));
  CHECK(client->flush(long_enough));
  const auto refused = client->publish("a", as_bytes(large));
  CHECK(failure(refused) == "a message of 1001 bytes exceeds the NATS server's max_payload of 1000 bytes");
  CHECK(refused.error().code == ErrorCode::too_large);
  CHECK(client->request("a", as_bytes(large), long_enough).error().code == ErrorCode::too_large);
  CHECK(client->publish("a", as_bytes(fits), {{"K", "v"}}).error().code == ErrorCode::too_large);
  CHECK(client->connected());
}

TEST_CASE("after a restart of the server, subscriptions continue and messages published in between arrive") {
  NatsServer server;
  const auto events = std::make_shared<Log>();
  const auto received = std::make_shared<Log>();
  const auto connection = connect({.url = server.url()}, events);
  const auto subscription = subscribed(*connection, "a", collect(received));
  server.stop();
  REQUIRE(eventually([&] { return events->contains("disconnected"); }));
  CHECK(!connection->connected());
  CHECK(connection->publish("a", as_bytes("while away")));
  server.restart();
  REQUIRE(eventually([&] { return events->contains("connected " + server.url()); }));
  CHECK(connection->publish("a", as_bytes("after")));
  CHECK(eventually([&] { return received->size() == 2; }));
  CHECK(received->all() == std::vector<std::string>{"while away", "after"});
  CHECK(connection->statistics().reconnects == 1);
}

TEST_CASE("a message that exceeds the reconnect buffer is refused, and the error names the buffer") {
  NatsServer server;
  const auto events = std::make_shared<Log>();
  const auto connection = connect({.url = server.url(), .reconnect_buffer_bytes = 10'000}, events);
  server.stop();
  REQUIRE(eventually([&] { return events->contains("disconnected"); }));
  const std::string most(9000, 'x');
  CHECK(connection->publish("a", as_bytes(most)));
  Status last = Ok{};  // the library compares the size with the limit before it adds a message
  for (int i = 0; i < 2 && last; ++i) last = connection->publish("a", as_bytes(most));
  CHECK(failure(last).find("the reconnect buffer is full") != std::string::npos);
}

TEST_CASE("the error about an absent server names its URL; with retry_first_connect the connection waits for it") {
  NatsServer server;
  server.stop();
  CHECK(failure(Connection::open({.url = server.address("nats", "ann:secret@")})) ==
        "NATS " + server.address("nats", "***@") +
            ": cannot connect: no server answers at this address; start nats-server, or check the URL");

  const auto events = std::make_shared<Log>();
  const auto received = std::make_shared<Log>();
  const auto waiting = connect({.url = server.url(), .retry_first_connect = true}, events);
  CHECK(!waiting->connected());
  CHECK(waiting->max_payload() == 0);
  const auto subscription = waiting->subscribe("a", "", collect(received));
  REQUIRE(subscription);
  server.restart();
  REQUIRE(eventually([&] { return events->contains("connected " + server.url()); }));
  CHECK(waiting->publish("a", as_bytes("hello")));
  CHECK(eventually([&] { return received->size() == 1; }));
}

TEST_CASE("of several servers, one that answers is used") {
  NatsServer dead;
  const NatsServer alive;
  dead.stop();
  const auto connection = connect({.url = dead.url() + ", " + alive.url()});
  CHECK(connection->connected_url() == alive.url());
}

TEST_CASE("messages that wait for a slow handler are bounded, and dropped ones are counted and reported") {
  const NatsServer server;
  const auto events = std::make_shared<Log>();
  const auto received = std::make_shared<Log>();
  const auto connection = connect({.url = server.url()}, events);
  std::promise<void> open;
  const std::shared_future<void> gate = open.get_future().share();
  auto subscription = subscribed(*connection, "flood", [=](const Message&) {
    gate.wait();
    received->add("");
  });
  constexpr std::size_t sent = 6000;
  for (std::size_t i = 0; i < sent; ++i) REQUIRE(connection->publish("flood", {}));
  REQUIRE(connection->flush(long_enough));
  CHECK(subscription.dropped() > 0);
  CHECK(eventually([&] { return events->contains("slow consumer: messages on `flood`"); }));
  open.set_value();
  subscription.start_drain(long_enough);
  subscription.wait_drained(long_enough);
  CHECK(received->size() >= 4096);
  CHECK(received->size() + static_cast<std::size_t>(subscription.dropped()) == sent);
}

TEST_CASE("a draining subscription delivers the messages that have arrived, and takes no new ones") {
  const NatsServer server;
  const auto received = std::make_shared<Log>();
  const auto connection = connect({.url = server.url()});
  std::promise<void> open;
  const std::shared_future<void> gate = open.get_future().share();
  auto subscription = subscribed(*connection, "a", [=](const Message&) {
    gate.wait();
    received->add("");
  });
  for (int i = 0; i < 10; ++i) REQUIRE(connection->publish("a", {}));
  REQUIRE(connection->flush(long_enough));
  open.set_value();
  subscription.start_drain(long_enough);
  subscription.wait_drained(long_enough);
  CHECK(received->size() == 10);
  REQUIRE(connection->publish("a", {}));
  REQUIRE(connection->flush(long_enough));
  CHECK(received->size() == 10);
}

TEST_CASE("an operation that the server forbids is reported with its subject") {
  const NatsServer server(
      R"(authorization { timeout: 60, users: [{user: a, password: b, permissions: {publish: "ok", subscribe: "own.>"}}] })");
  const auto events = std::make_shared<Log>();
  const auto connection =
      connect({.url = server.url(), .user = "a", .password = "b", .inbox_prefix = "own.inbox"}, events);
  CHECK(connection->publish("forbidden", {}));
  CHECK(eventually([&] { return events->contains("forbid this user to publish to `forbidden`; extend"); }));
  const auto subscription = connection->subscribe("other", "group", [](const Message&) {});
  CHECK(eventually([&] { return events->contains("forbid this user to subscribe to `other`; extend"); }));
  CHECK(connection->connected());
}

TEST_CASE("replies arrive at inboxes with the configured prefix") {
  const NatsServer server(
      R"(authorization { timeout: 60, users: [{user: a, password: b, permissions: {subscribe: ["own.>", "echo"]}}] })");
  const auto connection = connect({.url = server.url(), .user = "a", .password = "b", .inbox_prefix = "own.inbox"});
  const auto inboxes = std::make_shared<Log>();
  Connection* answer = connection.get();
  const auto subscription = subscribed(*connection, "echo", [answer, inboxes](const Message& message) {
    inboxes->add(std::string(message.reply()));
    (void)answer->publish(std::string(message.reply()), message.data());
  });
  CHECK(connection->request("echo", as_bytes("x"), long_enough));
  CHECK(inboxes->contains("own.inbox."));
  CHECK(connection->new_inbox().starts_with("own.inbox."));
  CHECK(connect({.url = server.url(), .user = "a", .password = "b"})->new_inbox().starts_with("_INBOX."));
}

TEST_CASE("an exception in a handler is reported, and the next message is handled") {
  const NatsServer server;
  const auto events = std::make_shared<Log>();
  const auto connection = connect({.url = server.url()}, events);
  const auto subscription =
      subscribed(*connection, "a", [](const Message&) { throw std::runtime_error("no such luck"); });
  REQUIRE(connection->publish("a", {}));
  REQUIRE(connection->publish("a", {}));
  CHECK(eventually([&] { return events->size() == 2; }));
  CHECK(events->contains("a message handler failed: no such luck"));
}

TEST_CASE("a message and a subscription may outlive their connection") {
  const NatsServer server;
  auto connection = connect({.url = server.url()});
  auto kept = std::make_shared<std::promise<Message>>();
  const auto subscription =
      subscribed(*connection, "a", [kept](Message message) { kept->set_value(std::move(message)); });
  REQUIRE(connection->publish("a", as_bytes("still here")));
  const Message message = kept->get_future().get();
  connection.reset();
  CHECK(string_of(message.data()) == "still here");
  CHECK(subscription.dropped() == 0);
}

TEST_CASE("an invalid subject is refused, and the error says so") {
  const NatsServer server;
  const auto connection = connect({.url = server.url()});
  CHECK(failure(connection->publish("", {})).find("not a valid subject") != std::string::npos);
  CHECK(failure(connection->subscribe("a..b", "", [](const Message&) {})).find("not a valid subject") !=
        std::string::npos);
}

TEST_CASE("unique ids differ") {
  CHECK(unique_id().size() == 22);
  CHECK(unique_id() != unique_id());
}

// Found by fuzzing: nats.c 3.4 crashed on a URL that is nothing but white space.
TEST_CASE("a list of servers without a URL is refused, and the error says what to write") {
  CHECK(failure(Connection::open({.url = " \t"})) ==
        "NATS connection: no server URL is given; write one such as nats://127.0.0.1:4222");
}

}  // namespace inpaintd::test
