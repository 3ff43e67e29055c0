// SPDX-License-Identifier: Apache-2.0
#include "http/server.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <boost/beast/http/error.hpp>
#include <exception>
#include <limits>
#include <set>
#include <utility>

#include "http/asio.h"
#include "http/body.h"
#include "http/connection.h"
#include "http/header_value.h"
#include "http/text.h"

namespace inpaintd {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

using std::chrono::milliseconds;
using namespace std::chrono_literals;

/// Line and headers of a request. Nothing when the target cannot be read.
std::optional<HttpRequest> head_of(const HttpParser& parser) {
  const auto& message = parser.get();
  auto target = parse_target({message.target().data(), message.target().size()});
  if (!target) return std::nullopt;
  HttpRequest head;
  head.method = std::string(message.method_string());
  head.target = std::move(*target);
  for (const auto& field : message)
    head.headers.emplace_back(lower_case({field.name_string().data(), field.name_string().size()}),
                              std::string(field.value()));
  return head;
}

std::string reason(int status) {
  return std::string(http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status))));
}

}  // namespace

class HttpServer::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(EventLoop& loop, HttpService& service, HttpLimits limits)
      : context_(loop.impl().context),
        acceptor(context_),
        service_(service),
        limits_(limits),
        room_(std::make_shared<BodyRoom>(limits.bodies_bytes_max)) {}

  asio::io_context& context_;
  tcp::acceptor acceptor;
  int port = 0;

  [[nodiscard]] HttpCounts counts() const { return {connections_.size(), streams_.size(), room_->bytes()}; }

  void spawn_accepting() {
    asio::co_spawn(context_, [self = shared_from_this()] { return self->accept(); }, asio::detached);
  }

  void stop() {
    stopping_ = true;
    IoError ignored;
    acceptor.close(ignored);
    for (HttpConnection* each : connections_)
      if (each->idle) each->close();
  }

  void close_streams() {
    const auto streams = streams_;  // closing one may end it
    for (const auto& each : streams) each->close();
  }

 private:
  asio::awaitable<void> accept();
  asio::awaitable<void> serve(HttpConnectionPtr connection);
  asio::awaitable<bool> serve_one(HttpConnectionPtr connection);
  asio::awaitable<bool> refuse_malformed(HttpConnectionPtr connection, IoError failure);
  asio::awaitable<bool> send(HttpConnectionPtr connection, const HttpRequest& request, HttpReply reply, HeaderList more,
                             bool keep_alive);
  asio::awaitable<bool> stream(HttpConnectionPtr connection, std::shared_ptr<EventStream> queue, HeaderList more,
                               bool keep_alive, bool chunked);

  void reject(tcp::socket& socket);
  HttpReply refusal(const HttpRequest& head, const Problem& problem) { return service_.refusal(head, problem); }

  HttpService& service_;
  const HttpLimits limits_;
  const std::shared_ptr<BodyRoom> room_;
  bool stopping_ = false;
  std::set<HttpConnection*> connections_;
  std::set<std::shared_ptr<EventStream>> streams_;
};

asio::awaitable<void> HttpServer::Impl::accept() {
  while (acceptor.is_open()) {
    IoError failure;
    tcp::socket socket(context_);
    co_await acceptor.async_accept(socket, into(failure));
    if (failure == asio::error::operation_aborted || failure == asio::error::bad_descriptor) co_return;
    if (failure) {  // no descriptor is left: some connection will end soon
      asio::steady_timer pause(context_, 50ms);
      co_await pause.async_wait(into(failure));
    } else if (connections_.size() >= limits_.connections_max) {
      reject(socket);
    } else {
      socket.set_option(tcp::no_delay(true), failure);
      auto connection = std::make_shared<HttpConnection>(std::move(socket));
      asio::co_spawn(
          context_, [self = shared_from_this(), connection] { return self->serve(connection); }, asio::detached);
    }
  }
}

// As much as fits in the socket's buffer, which is all of it; a client that does not read costs nothing.
void HttpServer::Impl::reject(tcp::socket& socket) {
  constexpr std::string_view text =
      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Type: text/plain\r\n"
      "Content-Length: 44\r\n\r\nthe server has too many connections already\n";
  IoError ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(text), ignored);
  socket.shutdown(tcp::socket::shutdown_both, ignored);
}

asio::awaitable<void> HttpServer::Impl::serve(HttpConnectionPtr connection) {
  connections_.insert(connection.get());
  try {
    bool more = true;
    while (more && !stopping_) more = co_await serve_one(connection);
  } catch (const std::exception& failure) {
    spdlog::error("an HTTP connection failed: {}", failure.what());
  }
  connection->no_limit();
  connection->close();
  connections_.erase(connection.get());
}

/// True when another request may follow on this connection.
asio::awaitable<bool> HttpServer::Impl::serve_one(HttpConnectionPtr connection) {
  auto parser = std::make_unique<HttpParser>();
  parser->header_limit(static_cast<std::uint32_t>(limits_.header_bytes_max));
  parser->body_limit(std::numeric_limits<std::uint64_t>::max());  // read_body counts
  IoError failure;
  connection->idle = connection->buffer.size() == 0;
  if (connection->idle) {  // from the first byte on, the headers have to come soon
    connection->limit(std::exchange(connection->fresh, false) ? limits_.header_time : limits_.idle_time);
    co_await connection->socket.async_wait(tcp::socket::wait_read, into(failure));
    if (failure) co_return false;
    connection->idle = false;
  }
  connection->limit(limits_.header_time);
  co_await http::async_read_header(connection->socket, connection->buffer, *parser, into(failure));
  connection->no_limit();
  if (failure) {
    const bool again = co_await refuse_malformed(connection, failure);
    co_return again;
  }
  std::optional<HttpRequest> head = head_of(*parser);
  if (!head) {
    const bool again = co_await refuse_malformed(connection, http::error::bad_target);
    co_return again;
  }
  const bool keep_alive = parser->keep_alive() && !stopping_;
  const bool chunked_answer = parser->get().version() >= 11;
  const auto length = parser->content_length();
  const bool has_body = parser->chunked() || (length && *length > 0);

  auto admitted = service_.admit(*head);
  std::optional<HttpReply> refused;
  if (auto* reply = std::get_if<HttpReply>(&admitted)) refused = std::move(*reply);
  if (!refused && has_body) {
    std::optional<Problem> problem =
        co_await read_body(connection, *parser, *head, std::get<std::size_t>(admitted), *room_, limits_);
    if (problem) refused = refusal(*head, *problem);
  }
  parser.reset();
  if (refused) {
    const bool clean = !has_body && keep_alive;
    bool again = co_await send(connection, *head, std::move(*refused), {}, clean);
    if (again && has_body) co_await discard_body(connection, limits_);
    again = again && clean;
    co_return again;
  }

  auto exchange = std::make_shared<HttpExchange>(std::move(*head));
  exchange->when_answered([connection] { connection->wake(); });
  try {
    service_.serve(exchange);
  } catch (const std::exception& error) {
    exchange->answer(refusal(exchange->request(), problem(ErrorCode::internal, error.what())));
  }
  connection->buffer.shrink_to_fit();
  while (!exchange->given()) (void)co_await connection->sleep(1h);
  exchange->when_answered(nullptr);
  HttpExchange::Answer answer = std::move(*exchange->given());
  bool again = keep_alive && !stopping_;
  if (auto* queue = std::get_if<std::shared_ptr<EventStream>>(&answer)) {
    service_.answered(exchange->request(), 200);
    again = co_await stream(connection, *queue, exchange->headers, keep_alive, chunked_answer);
  } else {
    const bool sent = co_await send(connection, exchange->request(), std::move(std::get<HttpReply>(answer)),
                                    exchange->headers, again);
    again = again && sent;
  }
  co_return again;
}

asio::awaitable<bool> HttpServer::Impl::refuse_malformed(HttpConnectionPtr connection, IoError failure) {
  const bool by_client = failure == http::error::end_of_stream || failure == http::error::partial_message ||
                         failure.category() == boost::system::system_category();
  if (by_client && !connection->timed_out) co_return false;
  Problem problem = inpaintd::problem(ErrorCode::bad_request, "this is not a request of HTTP/1.1; check it");
  if (failure == http::error::header_limit) {
    problem.status = 431;
    problem.message = fmt::format("the headers have more than {} bytes; send fewer", limits_.header_bytes_max);
  }
  if (connection->timed_out) problem = request_timeout("the headers came too slowly; send them at once");
  const HttpRequest unknown;
  const bool sent = co_await send(connection, unknown, refusal(unknown, problem), {}, false);
  if (sent) co_await discard_body(connection, limits_);
  co_return false;
}

/// True when all of the answer was sent.
asio::awaitable<bool> HttpServer::Impl::send(HttpConnectionPtr connection, const HttpRequest& request, HttpReply reply,
                                             HeaderList more, bool keep_alive) {
  service_.answered(request, reply.status);
  const bool without_content = reply.status == 204 || reply.status == 304;
  more.emplace_back("Date", http_date(std::chrono::system_clock::now()));
  more.emplace_back("X-Content-Type-Options", "nosniff");
  if (!without_content) more.emplace_back("Content-Length", std::to_string(reply.content.bytes.size()));
  more.emplace_back("Connection", keep_alive ? "keep-alive" : "close");
  const std::string head = head_text(reply.status, reason(reply.status), reply.headers, more);
  const bool with_content = !without_content && request.method != "HEAD";
  const HttpConnection::Buffers buffers{
      asio::buffer(head),
      asio::const_buffer(reply.content.bytes.data(), with_content ? reply.content.bytes.size() : 0)};
  const bool sent = co_await connection->write(buffers, limits_.write_time);
  co_return sent;
}

asio::awaitable<bool> HttpServer::Impl::stream(HttpConnectionPtr connection, std::shared_ptr<EventStream> queue,
                                               HeaderList more, bool keep_alive, bool chunked) {
  more.emplace_back("Date", http_date(std::chrono::system_clock::now()));
  more.emplace_back("X-Content-Type-Options", "nosniff");
  more.emplace_back("Content-Type", "text/event-stream");
  more.emplace_back("Cache-Control", "no-cache");
  more.emplace_back("X-Accel-Buffering", "no");  // nginx would keep events back
  if (chunked) more.emplace_back("Transfer-Encoding", "chunked");
  keep_alive = keep_alive && chunked;
  more.emplace_back("Connection", keep_alive ? "keep-alive" : "close");
  const auto framed = [chunked](std::string_view text) { return chunked ? chunk(text) : std::string(text); };
  std::string text = head_text(200, reason(200), more, {}) + framed("retry: 2000\n\n");
  more = {};

  streams_.insert(queue);
  queue->when_ready([connection] { connection->wake(); });
  IoError failure;
  for (;;) {
    const std::string events = queue->take();
    if (!events.empty()) text += framed(events);
    const bool ended = queue->ended();
    if (ended && chunked) text += last_chunk;
    if (!text.empty()) {
      connection->limit(limits_.write_time);
      co_await asio::async_write(connection->socket, asio::buffer(text), into(failure));
      connection->no_limit();
      text = {};
    }
    if (ended || failure) break;
    if (queue->ready()) continue;  // an event came while the text was written
    const bool woken = co_await connection->sleep(limits_.heartbeat);
    if (!woken) text = framed(":\n\n");
  }
  queue->when_ready(nullptr);
  streams_.erase(queue);
  co_return keep_alive && !failure;
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(EventLoop& loop, const std::string& address, HttpService& service,
                                                      HttpLimits limits) {
  const std::size_t colon = std::min(address.rfind(':'), address.size());
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const int port = colon < address.size() ? std::atoi(address.c_str() + colon + 1) : -1;
  IoError failure;
  const auto ip = asio::ip::make_address(host, failure);
  auto impl = std::make_shared<Impl>(loop, service, limits);
  if (!failure && (port < 0 || port > 65535)) failure = asio::error::invalid_argument;
  const tcp::endpoint endpoint(ip, static_cast<unsigned short>(std::clamp(port, 0, 65535)));
  if (!failure) impl->acceptor.open(endpoint.protocol(), failure);
  if (!failure) impl->acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
  if (!failure) impl->acceptor.bind(endpoint, failure);
  if (!failure) impl->acceptor.listen(asio::socket_base::max_listen_connections, failure);
  if (failure)
    return Error{ErrorCode::internal, fmt::format("cannot listen on http://{}: {}", address, failure.message())};
  impl->port = impl->acceptor.local_endpoint().port();
  loop.post([impl] { impl->spawn_accepting(); });
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

int HttpServer::port() const { return impl_->port; }
HttpCounts HttpServer::counts() const { return impl_->counts(); }
void HttpServer::stop_accepting() { impl_->stop(); }
void HttpServer::close_streams() { impl_->close_streams(); }

}  // namespace inpaintd
