// SPDX-License-Identifier: Apache-2.0
// The HTTP server against clients that are slow, large, many or wrong.
#include "http/server.h"

#include <doctest/doctest.h>

#include <deque>
#include <optional>
#include <stdexcept>
#include <utility>

#include "tests/support/eventually.h"
#include "tests/support/http_client.h"

using namespace inpaintd;
using namespace inpaintd::test;
using namespace std::chrono_literals;

namespace {

HttpReply text_reply(int status, std::string text) { return HttpReply::of(status, "text/plain", std::move(text)); }

/// Events whose text the test gives.
class ScriptedEvents : public EventStream {
 public:
  void push(const std::string& kind) {
    text_ += "event: " + kind + "\n\n";
    tell_ready();
  }
  void close() override {
    closed_ = true;
    push("closing");
  }
  [[nodiscard]] bool ready() const override { return !text_.empty(); }
  std::string take() override { return std::exchange(text_, {}); }
  [[nodiscard]] bool ended() const override { return text_.empty() && closed_; }

 private:
  std::string text_;
  bool closed_ = false;
};

/// Answers with the method, the path and the body of the request. `/wait` is answered when the test says so, `/stream`
/// with the test's events.
class Echo : public HttpService {
 public:
  std::size_t body_bytes_max = 1000;
  std::deque<HttpExchangePtr> waiting;
  std::shared_ptr<ScriptedEvents> events = std::make_shared<ScriptedEvents>();

  std::variant<HttpReply, std::size_t> admit(const HttpRequest& head) override {
    if (head.target.path == "/forbidden") return text_reply(403, "no\n");
    return body_bytes_max;
  }
  void serve(const HttpExchangePtr& exchange) override {
    const HttpRequest& request = exchange->request();
    if (request.target.path == "/throw") throw std::runtime_error("a bug");
    if (request.target.path == "/wait") return waiting.push_back(exchange);
    if (request.target.path == "/stream") return exchange->answer(events);
    exchange->headers = {{"X-Extra", "e"}};
    exchange->answer(text_reply(200, request.method + " " + request.target.path + " " + request.body));
  }
  HttpReply refusal(const HttpRequest&, const Problem& problem) override {
    HttpReply reply = text_reply(problem.status, problem.message);
    if (problem.retry_after)
      reply.headers.emplace_back("Retry-After", std::to_string(problem.retry_after->count() / 1000));
    return reply;
  }
  void answered(const HttpRequest&, int) override {}
};

struct ServerFixture {
  Echo echo;
  HttpLimits limits;
  std::unique_ptr<EventLoop> loop = std::make_unique<EventLoop>();
  std::unique_ptr<HttpServer> server;

  ~ServerFixture() { loop->stop(); }
  void start() {
    auto started = HttpServer::start(*loop, "127.0.0.1:0", echo, limits);
    if (!started) FAIL(started.error().message);
    server = std::move(*started);
  }
  [[nodiscard]] HttpAnswer send(const std::string& bytes) const { return http_exchange(server->port(), bytes); }
  [[nodiscard]] HttpAnswer post(const std::string& body) const { return send(http_request("POST", "/echo", body)); }
  HttpCounts counts() {
    HttpCounts counts;
    loop->run([&] { counts = server->counts(); });
    return counts;
  }
};

const std::string head = " HTTP/1.1\r\nHost: h\r\n";

}  // namespace

TEST_CASE_FIXTURE(ServerFixture, "requests are answered, also several on one connection, also sent at once") {
  start();
  const HttpAnswer answer = post("body");
  CHECK(answer.status == 200);
  CHECK(answer.body == "POST /echo body");
  CHECK(header_in(answer, "X-Content-Type-Options") == "nosniff");
  CHECK(header_in(answer, "X-Extra") == "e");
  CHECK(header_in(answer, "Connection") == "close");
  const HttpSocket socket(server->port());
  CHECK(socket.send("GET /1" + head + "\r\nPOST /2" + head + "Content-Length: 1\r\n\r\nxGET /3" + head +
                    "Connection: close\r\n\r\n"));
  const std::string all = socket.read_all();
  CHECK(all.find("GET /1 ") < all.find("POST /2 x"));
  CHECK(all.find("POST /2 x") < all.find("GET /3 "));
  const HttpAnswer head_only = send(http_request("HEAD", "/echo"));
  CHECK(header_in(head_only, "Content-Length") == "11");
  CHECK(head_only.body == "");
  CHECK(send("GET / HTTP/1.0\r\nHost: h\r\n\r\n").body == "GET / ");
}

TEST_CASE_FIXTURE(ServerFixture, "a chunked body is read, and an expectation is answered first") {
  start();
  CHECK(send("POST /echo" + head +
             "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            .body == "POST /echo abcde");
  const HttpSocket socket(server->port());
  CHECK(socket.send("POST /echo" + head + "Connection: close\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"));
  CHECK(socket.read() == "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(socket.send("x"));
  CHECK(socket.read_all().ends_with("POST /echo x"));
  CHECK(eventually([&] { return counts().body_bytes == 0; }));
}

TEST_CASE_FIXTURE(ServerFixture, "a body of the largest size is taken, and one of a byte more is not read") {
  start();
  CHECK(post(std::string(1000, 'x')).status == 200);
  CHECK(post(std::string(1001, 'x')).status == 413);
  CHECK(post(std::string(9'000'000, 'x')).status == 413);  // sent all the same: the answer still arrives
  CHECK(send("POST /echo" + head + "Expect: 100-continue\r\nContent-Length: 1001\r\n\r\n").status == 413);
  std::string chunks = "POST /echo" + head + "Transfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 3; ++i) chunks += "190\r\n" + std::string(400, 'x') + "\r\n";
  CHECK(send(chunks).status == 413);
  CHECK(send("POST /forbidden" + head + "Content-Length: 5\r\n\r\nabcde").status == 403);
}

TEST_CASE_FIXTURE(ServerFixture,
                  "the bytes of all bodies are bounded: a body that does not fit is refused before it is read") {
  limits.bodies_bytes_max = 1500;
  start();
  const std::string large = "POST /wait" + head + "Content-Length: 1000\r\n\r\n" + std::string(1000, 'x');
  const HttpSocket first(server->port());
  CHECK(first.send(large));
  CHECK(eventually([&] { return counts().body_bytes == 1000; }));
  CHECK(post(std::string(500, 'x')).status == 200);
  const HttpAnswer refused = post(std::string(501, 'x'));
  CHECK(refused.status == 429);
  CHECK(header_in(refused, "Retry-After") == "1");
  loop->run([&] { echo.waiting.front()->request().body_place.reset(); });
  CHECK(post(std::string(1000, 'x')).status == 200);
  loop->run([&] { echo.waiting.front()->answer(text_reply(200, "late")); });
  CHECK(first.read().ends_with("late"));
}

TEST_CASE_FIXTURE(ServerFixture, "a request that is not HTTP, or has endless headers, is refused") {
  start();
  CHECK(send("nonsense\r\n\r\n").status == 400);
  CHECK(send("GET http://h/ HTTP/1.1\r\n\r\n").status == 400);
  CHECK(send("GET /%zz HTTP/1.1\r\n\r\n").status == 400);
  CHECK(send("POST /echo" + head + "Content-Length: x\r\n\r\n").status == 400);
  CHECK(send("POST /echo" + head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n").status == 400);
  CHECK(send("GET /" + head + "X: " + std::string(17'000, 'x') + "\r\n\r\n").status == 431);
  CHECK(send("GET /" + std::string(17'000, 'x') + head + "\r\n").status == 431);
  CHECK(send("GET /throw" + head + "Connection: close\r\n\r\n").status == 500);
}

TEST_CASE_FIXTURE(ServerFixture, "a client whose body is refused may send the rest of the body after the answer") {
  limits.body_start_time = 10min;
  start();
  for (const std::string target : {"POST /forbidden", "POST /echo"}) {
    CAPTURE(target);
    const HttpSocket socket(server->port());
    CHECK(socket.send(target + head + "Content-Length: 9000000\r\n\r\n" + std::string(100'000, 'x')));
    CHECK(socket.read().starts_with(target == "POST /echo" ? "HTTP/1.1 413" : "HTTP/1.1 403"));
    // A connection that the server had closed would be reset, and not take so many bytes.
    for (int i = 0; i < 89; ++i) REQUIRE(socket.send(std::string(100'000, 'x')));
  }
}

TEST_CASE_FIXTURE(ServerFixture, "a client that leaves in the middle of its body leaves nothing behind") {
  start();
  {
    const HttpSocket leaving(server->port());
    CHECK(leaving.send("POST /echo" + head + "Content-Length: 500\r\n\r\nab"));
    CHECK(eventually([&] { return counts().body_bytes == 500; }));
  }
  CHECK(eventually([&] { return counts().connections == 0 && counts().body_bytes == 0; }));
}

TEST_CASE_FIXTURE(ServerFixture,
                  "headers and bodies that come too slowly are given up, and do not delay other requests") {
  limits.header_time = 300ms;
  limits.body_start_time = 300ms;
  start();
  std::vector<HttpSocket> slow;
  for (int i = 0; i < 500; ++i) {
    slow.emplace_back(server->port());
    REQUIRE(slow.back().connected());
    (void)slow.back().send(i % 2 == 0 ? "GET / HTTP/1.1\r\nHost: h" : "");
  }
  CHECK(post("quick").status == 200);
  CHECK(slow[0].read_all().starts_with("HTTP/1.1 408"));
  CHECK(eventually([&] { return counts().connections == 0; }));
  const HttpAnswer body = send("POST /echo" + head + "Content-Length: 900\r\n\r\nabc");
  CHECK((body.status == 408 || body.status == 0));
}

TEST_CASE_FIXTURE(ServerFixture, "the number of connections is bounded, and one more is answered 503") {
  limits.connections_max = 2;
  start();
  const HttpSocket first(server->port()), second(server->port());
  CHECK(eventually([&] { return counts().connections == 2; }));
  CHECK(http_exchange(server->port(), "").status == 503);
}

TEST_CASE_FIXTURE(ServerFixture, "a stream sends its events, comments while there are none, and ends") {
  limits.heartbeat = 50ms;
  start();
  const HttpSocket socket(server->port());
  CHECK(socket.send("GET /stream" + head + "\r\n"));
  std::string text;
  CHECK(eventually([&] {
    text += socket.read();
    return text.find(":\n\n") != std::string::npos;
  }));
  CHECK(text.find("Content-Type: text/event-stream\r\n") != std::string::npos);
  CHECK(text.find("X-Accel-Buffering: no\r\n") != std::string::npos);
  CHECK(text.find("retry: 2000\n\n") != std::string::npos);
  CHECK(counts().streams == 1);
  loop->run([&] { echo.events->push("running"); });
  loop->run([&] { echo.events->close(); });
  CHECK(eventually([&] {
    text += socket.read();
    return text.ends_with("0\r\n\r\n");
  }));
  CHECK(text.find("event: running") < text.find("event: closing"));
  CHECK(eventually([&] { return counts().streams == 0; }));
  CHECK(socket.send("GET /after" + head + "Connection: close\r\n\r\n"));  // the connection serves on
  CHECK(socket.read_all().ends_with("GET /after "));
}

TEST_CASE_FIXTURE(ServerFixture, "at the end streams are closed with a last event, and nothing new is accepted") {
  start();
  EventClient stream(server->port(), "/stream");
  CHECK(stream.status() == 200);
  CHECK(eventually([&] { return counts().streams == 1; }));
  const HttpSocket idle(server->port());
  loop->run([&] {
    server->stop_accepting();
    server->close_streams();
  });
  const auto events = stream.all();
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == "closing");
  CHECK(idle.read_all() == "");
  CHECK(!HttpSocket(server->port()).connected());
}

TEST_CASE("an address that cannot be used is named in the error") {
  EventLoop loop;
  Echo echo;
  for (const char* address : {"example.org:80", "127.0.0.1", "127.0.0.1:99999", "192.0.2.1:0"}) {
    CAPTURE(address);
    const auto server = HttpServer::start(loop, address, echo, {});
    REQUIRE(!server);
    CHECK(server.error().message.find(address) != std::string::npos);
  }
  loop.stop();
}
