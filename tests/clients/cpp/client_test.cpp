// SPDX-License-Identifier: Apache-2.0
#include "clients/cpp/client.h"

#include <doctest/doctest.h>

#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/support/client_connection.h"
#include "tests/support/eventually.h"
#include "tests/support/nats_server.h"

namespace inpaintd::test {
namespace {

using namespace std::chrono_literals;
using Kind = ClientError::Kind;

constexpr std::uint8_t file[] = {1, 2, 3};

/// Something that answers requests with given messages, in the place of the service.
class Answers {
 public:
  explicit Answers(const std::string& url) : connection_(connect_to(url)) {
    subscriptions_.push_back(subscribe("inpaint.v1.run", [this](const Message& message) { answer(message); }));
    subscriptions_.push_back(subscribe("inpaint.v1.cancel", [this](const Message& message) {
      const std::lock_guard lock(mutex_);
      cancelled_.push_back(*wire::decode_cancel(message.data()));
    }));
    REQUIRE(connection_->flush(long_enough));
  }
  ~Answers() { subscriptions_.clear(); }

  /// What is sent for the next request that has nothing yet; `id` is put into each reply.
  using Script = std::function<std::vector<std::string>(const std::string& id)>;
  void next(Script script) {
    const std::lock_guard lock(mutex_);
    scripts_.push_back(std::move(script));
  }

  [[nodiscard]] std::vector<std::string> ids() const { return copy(ids_); }
  [[nodiscard]] std::vector<std::string> cancelled() const { return copy(cancelled_); }
  [[nodiscard]] std::vector<std::chrono::milliseconds> timeouts() const { return copy(timeouts_); }

 private:
  using Handler = Connection::Handler;
  Subscription subscribe(const std::string& subject, Handler handler) {
    auto subscription = connection_->subscribe(subject, "", std::move(handler));
    REQUIRE(subscription);
    return std::move(*subscription);
  }
  void answer(const Message& message) {
    const auto request = wire::decode_request(message.data());
    const std::lock_guard lock(mutex_);
    ids_.push_back(request->id);
    timeouts_.push_back(request->timeout.value_or(0ms));
    if (scripts_.empty()) return;
    for (const std::string& each : scripts_.front()(request->id))
      (void)connection_->publish(std::string(message.reply()), as_bytes(each));
    scripts_.pop_front();
  }
  template <class T>
  T copy(const T& value) const {
    const std::lock_guard lock(mutex_);
    return value;
  }

  mutable std::mutex mutex_;
  std::deque<Script> scripts_;
  std::vector<std::string> ids_, cancelled_;
  std::vector<std::chrono::milliseconds> timeouts_;
  std::unique_ptr<Connection> connection_;
  std::vector<Subscription> subscriptions_;
};

std::string failed(const std::string& id, ErrorCode code, std::optional<std::chrono::milliseconds> retry_after = {}) {
  return wire::encode_reply(wire::Failed{id, {code, "why", retry_after}});
}
std::string done(const std::string& id) {
  return wire::encode_reply(
      wire::Done{.id = id, .image = file, .format = Format::jpeg, .size = {1, 1}, .region = {0, 0, 1, 1}});
}

std::unique_ptr<Client> client_of(const NatsServer& server) {
  ClientOptions options;
  options.connection.url = server.url();
  auto client = Client::connect(options);
  REQUIRE(client);
  return std::move(*client);
}

Request request(std::chrono::milliseconds timeout = long_enough) {
  Request request;
  request.image = EncodedFile{file};
  request.mask = RectMask{{{0, 0, 1, 1}}};
  request.timeout = std::min<std::chrono::milliseconds>(timeout, timeout_max);
  return request;
}

}  // namespace

TEST_CASE("a client gets the picture, skips what does not concern its request, and passes progress on") {
  const NatsServer server;
  Answers service(server.url());
  service.next([](const std::string& id) -> std::vector<std::string> {
    return {R"({"stream":"AUDIT","seq":1})", failed("other", ErrorCode::internal),
            wire::encode_reply(wire::Queued{id, 2, 100ms}), wire::encode_reply(wire::Running{id, 1, "cpu"}), done(id)};
  });
  std::vector<std::string> states;
  const auto progress = [&states](const wire::Reply& reply) {
    states.emplace_back(std::holds_alternative<wire::Queued>(reply) ? "queued" : "running");
  };
  const auto picture = client_of(server)->inpaint(request(), {.progress = progress});
  REQUIRE(picture);
  CHECK(std::equal(picture->done.image.begin(), picture->done.image.end(), std::begin(file), std::end(file)));
  CHECK(picture->done.format == Format::jpeg);
  CHECK(states == std::vector<std::string>{"queued", "running"});
}

TEST_CASE("a retryable error is followed by another attempt with a new id and the rest of the timeout") {
  const NatsServer server;
  Answers service(server.url());
  service.next([](const std::string& id) { return std::vector{failed(id, ErrorCode::overloaded, 30ms)}; });
  service.next([](const std::string& id) { return std::vector{failed(id, ErrorCode::shutting_down)}; });
  service.next([](const std::string& id) { return std::vector{done(id)}; });
  std::vector<std::string> codes;
  std::vector<std::chrono::milliseconds> waits;
  const auto retrying = [&](const ClientError& failure, std::chrono::milliseconds wait) {
    codes.emplace_back(failure.code());
    waits.push_back(wait);
  };
  CHECK(client_of(server)->inpaint(request(), {.retrying = retrying}));
  CHECK(codes == std::vector<std::string>{"overloaded", "shutting_down"});
  REQUIRE(waits.size() == 2);
  CHECK((waits[0] >= 30ms && waits[0] <= 38ms));
  CHECK((waits[1] >= 400ms && waits[1] <= 500ms));
  const auto ids = service.ids();
  REQUIRE(ids.size() == 3);
  CHECK((ids[0] != ids[1] && ids[1] != ids[2]));
  CHECK(service.timeouts()[2] < service.timeouts()[0]);
}

TEST_CASE("an error is returned when it is not retryable, when no attempt is left, or when the timeout would pass") {
  const NatsServer server;
  Answers service(server.url());
  const auto client = client_of(server);
  service.next([](const std::string& id) { return std::vector{failed(id, ErrorCode::size_mismatch)}; });
  const auto refused = client->inpaint(request());
  REQUIRE(!refused);
  CHECK(refused.error().kind == Kind::service);
  CHECK(refused.error().code() == "size_mismatch");
  CHECK(!refused.error().retryable());

  for (int i = 0; i < 2; ++i)
    service.next([](const std::string& id) { return std::vector{failed(id, ErrorCode::overloaded, 1ms)}; });
  const auto busy = client->inpaint(request(), {.retries = 1});
  REQUIRE(!busy);
  CHECK(busy.error().retryable());
  CHECK(busy.error().error.retry_after == 1ms);
  CHECK(service.ids().size() == 3);

  service.next([](const std::string& id) { return std::vector{failed(id, ErrorCode::overloaded, 11min)}; });
  CHECK(!client->inpaint(request()));
  CHECK(service.ids().size() == 4);
}

TEST_CASE("the stop token ends the call and cancels the request") {
  const NatsServer server;
  Answers service(server.url());
  const auto client = client_of(server);
  std::stop_source source;
  const std::jthread stopper([&] {
    CHECK(eventually([&] { return service.ids().size() == 1; }));
    source.request_stop();
  });
  const auto stopped = client->inpaint(request(), {.stop = source.get_token()});
  REQUIRE(!stopped);
  CHECK(stopped.error().kind == Kind::stopped);
  CHECK(eventually([&] { return service.cancelled() == service.ids(); }));
}

TEST_CASE("without a worker the client tries again, and the last error says that no service listens") {
  const NatsServer server;
  const auto client = client_of(server);
  const auto nobody = client->inpaint(request(), {.retries = 0});
  REQUIRE(!nobody);
  CHECK(nobody.error().kind == Kind::no_service);
  CHECK(nobody.error().code() == "no_service");
  CHECK(nobody.error().error.message ==
        "no inpainting service listens on inpaint.v1.run at " + server.url() + "; start inpaintd");

  std::unique_ptr<Answers> service;
  const auto start = [&](const ClientError&, std::chrono::milliseconds) {
    service = std::make_unique<Answers>(server.url());
    service->next([](const std::string& id) { return std::vector{done(id)}; });
  };
  CHECK(client->inpaint(request(), {.retrying = start}));
}

TEST_CASE("a request that is larger than a message may be is refused before it is sent") {
  const NatsServer server;
  const std::vector<std::uint8_t> large(2 << 20);
  Request too_large = request();
  too_large.image = EncodedFile{large};
  const auto refused = client_of(server)->inpaint(too_large);
  REQUIRE(!refused);
  CHECK(refused.error().code() == "too_large");
}

TEST_CASE("the error about a forbidden subject names it") {
  const NatsServer server("authorization { users: [{user: a, password: x, permissions: {publish: [\"other\"]}}] }");
  ClientOptions options;
  options.connection.url = server.address("nats", "a:x@");
  const auto client = Client::connect(options);
  REQUIRE(client);
  const auto denied = (*client)->inpaint(request());
  REQUIRE(!denied);
  CHECK(denied.error().kind == Kind::connection);
  CHECK(denied.error().error.message.find("`inpaint.v1.run`") != std::string::npos);
}

}  // namespace inpaintd::test
