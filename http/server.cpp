// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/server.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <boost/beast/http/error.hpp>
#include <exception>
#include <limits>
#include <set>
#include <utility>

#include "gateway/events.h"
#include "gateway/header_value.h"
#include "gateway/http/asio.h"
#include "gateway/http/text.h"

namespace inpaintd::gateway {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr std::size_t piece_bytes = 64 << 10;       // of a body, for one read
constexpr std::size_t unread_bytes_max = 64 << 20;  // of a refused body, that are read and dropped
constexpr milliseconds linger_time = 3s;            // so long a client may take to notice that it was refused

using Parser = http::request_parser<http::buffer_body>;

auto into(error_code& failure) { return asio::redirect_error(asio::use_awaitable, failure); }

/// One client's connection, with the one timer that limits whatever it waits for.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(tcp::socket accepted) : socket(std::move(accepted)), timer_(socket.get_executor()) {}

  tcp::socket socket;
  beast::flat_buffer buffer;
  bool fresh = true;  ///< no request came yet
  bool idle = false;  ///< waits for the first byte of a request
  bool timed_out = false;

  /// Cancels what the socket waits for when `time` has passed.
  void limit(Clock::duration time) {
    timer_.expires_after(time);
    timer_.async_wait([self = shared_from_this()](error_code failure) {
      if (failure || self->timer_.expiry() > Clock::now()) return;
      self->timed_out = true;
      error_code ignored;
      self->socket.cancel(ignored);
    });
  }
  void no_limit() { timer_.cancel(); }

  /// Waits until `wake` is called, at most for `time`. False when the time is over.
  asio::awaitable<bool> sleep(milliseconds time) {
    error_code woken;
    sleeping_ = true;
    timer_.expires_after(time);
    co_await timer_.async_wait(into(woken));
    sleeping_ = false;
    co_return bool(woken);
  }
  void wake() {
    if (sleeping_) timer_.cancel();
  }

  void close() {
    error_code ignored;
    socket.close(ignored);
  }

 private:
  asio::steady_timer timer_;
  bool sleeping_ = false;
};
using ConnectionPtr = std::shared_ptr<Connection>;

/// Line and headers of a request. Nothing when the target cannot be read.
std::optional<HttpRequest> head_of(const Parser& parser) {
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
  Impl(EventLoop& loop, HttpService& service, ServerLimits limits)
      : context_(loop.impl().context), acceptor(context_), service_(service), limits_(limits) {}

  asio::io_context& context_;
  tcp::acceptor acceptor;
  ServerCounts counts;
  int port = 0;

  void spawn_accepting() {
    asio::co_spawn(context_, [self = shared_from_this()] { return self->accept(); }, asio::detached);
  }

  void stop() {
    stopping_ = true;
    error_code ignored;
    acceptor.close(ignored);
    for (Connection* each : connections_)
      if (each->idle) each->close();
  }

  void close_streams() {
    const auto streams = streams_;  // closing one may end it
    for (const auto& each : streams) each->close();
  }

 private:
  asio::awaitable<void> accept();
  asio::awaitable<void> serve(ConnectionPtr connection);
  asio::awaitable<bool> serve_one(ConnectionPtr connection);
  asio::awaitable<bool> refuse_malformed(ConnectionPtr connection, error_code failure);
  asio::awaitable<std::optional<Problem>> read_body(ConnectionPtr connection, Parser& parser, HttpRequest& request,
                                                    std::size_t bytes_max);
  asio::awaitable<bool> send(ConnectionPtr connection, const HttpRequest& request, Reply reply, HeaderList more,
                             bool keep_alive);
  asio::awaitable<bool> stream(ConnectionPtr connection, std::shared_ptr<EventQueue> queue, HeaderList more,
                               bool keep_alive, bool chunked);
  asio::awaitable<void> discard(ConnectionPtr connection);

  void reject(tcp::socket& socket);
  Reply refusal(const HttpRequest& head, const Problem& problem) { return service_.refusal(head, problem); }
  std::shared_ptr<void> reserve(std::size_t bytes);

  HttpService& service_;
  const ServerLimits limits_;
  bool stopping_ = false;
  std::set<Connection*> connections_;
  std::set<std::shared_ptr<EventQueue>> streams_;
};

asio::awaitable<void> HttpServer::Impl::accept() {
  while (acceptor.is_open()) {
    error_code failure;
    tcp::socket socket(context_);
    co_await acceptor.async_accept(socket, into(failure));
    if (failure == asio::error::operation_aborted || failure == asio::error::bad_descriptor) co_return;
    if (failure) {  // no descriptor is left: some connection will end soon
      asio::steady_timer pause(context_, 50ms);
      co_await pause.async_wait(into(failure));
    } else if (counts.connections >= limits_.connections_max) {
      reject(socket);
    } else {
      socket.set_option(tcp::no_delay(true), failure);
      auto connection = std::make_shared<Connection>(std::move(socket));
      asio::co_spawn(
          context_, [self = shared_from_this(), connection] { return self->serve(connection); }, asio::detached);
    }
  }
}

// As much as fits in the socket's buffer, which is all of it; a client that does not read costs nothing.
void HttpServer::Impl::reject(tcp::socket& socket) {
  constexpr std::string_view text =
      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Type: text/plain\r\n"
      "Content-Length: 45\r\n\r\nthe gateway has too many connections already\n";
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(text), ignored);
  socket.shutdown(tcp::socket::shutdown_both, ignored);
}

asio::awaitable<void> HttpServer::Impl::serve(ConnectionPtr connection) {
  ++counts.connections;
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
  --counts.connections;
}

/// True when another request may follow on this connection.
asio::awaitable<bool> HttpServer::Impl::serve_one(ConnectionPtr connection) {
  auto parser = std::make_unique<Parser>();
  parser->header_limit(static_cast<std::uint32_t>(limits_.header_bytes_max));
  parser->body_limit(std::numeric_limits<std::uint64_t>::max());  // read_body counts
  error_code failure;
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
  std::optional<Reply> refused;
  if (auto* reply = std::get_if<Reply>(&admitted)) refused = std::move(*reply);
  if (!refused && has_body) {
    std::optional<Problem> problem = co_await read_body(connection, *parser, *head, std::get<std::size_t>(admitted));
    if (problem) refused = refusal(*head, *problem);
  }
  parser.reset();
  if (refused) {
    const bool clean = !has_body && keep_alive;
    const bool sent = co_await send(connection, *head, std::move(*refused), {}, clean);
    if (sent && has_body) co_await discard(connection);
    co_return sent&& clean;
  }

  auto exchange = std::make_shared<Exchange>(std::move(*head));
  exchange->when_answered([connection] { connection->wake(); });
  try {
    service_.serve(exchange);
  } catch (const std::exception& error) {
    exchange->answer(refusal(exchange->request(), problem(ErrorCode::internal, error.what())));
  }
  connection->buffer.shrink_to_fit();
  while (!exchange->given()) (void)co_await connection->sleep(1h);
  exchange->when_answered(nullptr);
  Exchange::Answer answer = std::move(*exchange->given());
  bool again = false;
  if (auto* queue = std::get_if<std::shared_ptr<EventQueue>>(&answer)) {
    service_.answered(exchange->request(), 200);
    again = co_await stream(connection, *queue, exchange->headers, keep_alive, chunked_answer);
  } else {
    again = co_await send(connection, exchange->request(), std::move(std::get<Reply>(answer)), exchange->headers,
                          keep_alive && !stopping_);
  }
  co_return again;
}

asio::awaitable<bool> HttpServer::Impl::refuse_malformed(ConnectionPtr connection, error_code failure) {
  const bool by_client = failure == http::error::end_of_stream || failure == http::error::partial_message ||
                         failure.category() == boost::system::system_category();
  if (by_client && !connection->timed_out) co_return false;
  Problem problem = inpaintd::gateway::problem(ErrorCode::bad_request, "this is not a request of HTTP/1.1; check it");
  if (failure == http::error::header_limit) {
    problem.status = 431;
    problem.message = fmt::format("the headers have more than {} bytes; send fewer", limits_.header_bytes_max);
  }
  if (connection->timed_out) problem = request_timeout("the headers came too slowly; send them at once");
  const HttpRequest unknown;
  const bool sent = co_await send(connection, unknown, refusal(unknown, problem), {}, false);
  if (sent) co_await discard(connection);
  co_return false;
}

/// A place for `bytes` in the bound of all bodies, given back with the last copy; null when there is none.
std::shared_ptr<void> HttpServer::Impl::reserve(std::size_t bytes) {
  if (counts.body_bytes + bytes > limits_.bodies_bytes_max) return nullptr;
  counts.body_bytes += bytes;
  return std::shared_ptr<void>(this,  // not null: a null pointer means that there is no room
                               [self = shared_from_this(), bytes](void*) { self->counts.body_bytes -= bytes; });
}

/// Reads the body into `request`. Returns why not, where that is the case.
asio::awaitable<std::optional<Problem>> HttpServer::Impl::read_body(ConnectionPtr connection, Parser& parser,
                                                                    HttpRequest& request, std::size_t bytes_max) {
  const auto length = parser.content_length();
  const Problem too_large =
      problem(ErrorCode::too_large, fmt::format("the body has more than {} bytes; send a smaller picture", bytes_max));
  if (length && *length > bytes_max) co_return too_large;
  // The length of a chunked body is not known: it counts as the largest.
  request.body_place = reserve(length ? static_cast<std::size_t>(*length) : bytes_max);
  if (!request.body_place)
    co_return problem(Error{ErrorCode::overloaded, "the gateway receives as many bytes as it may; try again soon", 1s});

  error_code failure;
  if (lower_case(request.header("expect")) == "100-continue") {
    constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
    co_await asio::async_write(connection->socket, asio::buffer(text), into(failure));
  }
  if (length) request.body.reserve(static_cast<std::size_t>(*length));
  const auto piece = std::make_unique<char[]>(piece_bytes);
  const TimePoint start = Clock::now();
  while (!parser.is_done() && !failure) {
    auto& place = parser.get().body();
    place.data = piece.get();
    place.size = piece_bytes;
    const auto expected = milliseconds((request.body.size() + piece_bytes) * 1000 / limits_.body_rate_min);
    connection->limit(start + limits_.body_start_time + expected - Clock::now());
    co_await http::async_read(connection->socket, connection->buffer, parser, into(failure));
    if (failure == http::error::need_buffer) failure = {};
    request.body.append(piece.get(), piece_bytes - place.size);
    if (request.body.size() > bytes_max) {
      connection->no_limit();
      co_return too_large;
    }
  }
  connection->no_limit();
  if (connection->timed_out)
    co_return request_timeout(fmt::format("the body came with less than {} bytes per second; use a faster connection",
                                          limits_.body_rate_min));
  if (failure) co_return problem(ErrorCode::bad_request, "the body is cut off or malformed; send all of it");
  if (!length && request.body.size() < bytes_max) {
    request.body_place.reset();
    request.body_place = reserve(request.body.size());
  }
  co_return std::nullopt;
}

/// True when the answer was sent and another request may follow.
asio::awaitable<bool> HttpServer::Impl::send(ConnectionPtr connection, const HttpRequest& request, Reply reply,
                                             HeaderList more, bool keep_alive) {
  service_.answered(request, reply.status);
  const bool without_content = reply.status == 204 || reply.status == 304;
  more.emplace_back("Date", http_date(std::chrono::system_clock::now()));
  more.emplace_back("X-Content-Type-Options", "nosniff");
  if (!without_content) more.emplace_back("Content-Length", std::to_string(reply.content.bytes.size()));
  more.emplace_back("Connection", keep_alive ? "keep-alive" : "close");
  const std::string head = head_text(reply.status, reason(reply.status), reply.headers, more);
  const bool with_content = !without_content && request.method != "HEAD";
  const std::array<asio::const_buffer, 2> buffers{
      asio::buffer(head),
      asio::const_buffer(reply.content.bytes.data(), with_content ? reply.content.bytes.size() : 0)};
  error_code failure;
  connection->timed_out = false;
  // A large picture on a slow line: the time counts for what the socket takes at once.
  std::size_t sent = 0;
  const std::size_t all = asio::buffer_size(buffers);
  while (sent < all && !failure) {
    connection->limit(limits_.write_time);
    const std::array<asio::const_buffer, 2> left{buffers[0] + sent, buffers[1] + (sent - std::min(sent, head.size()))};
    const std::size_t now = co_await connection->socket.async_write_some(left, into(failure));
    sent += now;
  }
  connection->no_limit();
  co_return !failure && keep_alive;
}

asio::awaitable<bool> HttpServer::Impl::stream(ConnectionPtr connection, std::shared_ptr<EventQueue> queue,
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

  ++counts.streams;
  streams_.insert(queue);
  queue->when_ready([connection] { connection->wake(); });
  error_code failure;
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
  --counts.streams;
  co_return keep_alive && !failure;
}

/// Lets a client that still sends read its answer: closing now would reset the connection.
asio::awaitable<void> HttpServer::Impl::discard(ConnectionPtr connection) {
  error_code failure;
  connection->socket.shutdown(tcp::socket::shutdown_send, failure);
  const auto piece = std::make_unique<char[]>(piece_bytes);
  connection->limit(linger_time);
  for (std::size_t read = 0; read < unread_bytes_max && !failure;) {
    const std::size_t now =
        co_await connection->socket.async_read_some(asio::buffer(piece.get(), piece_bytes), into(failure));
    read += now;
  }
  connection->no_limit();
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(EventLoop& loop, const std::string& address, HttpService& service,
                                                      ServerLimits limits) {
  const std::size_t colon = std::min(address.rfind(':'), address.size());
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const int port = colon < address.size() ? std::atoi(address.c_str() + colon + 1) : -1;
  error_code failure;
  const auto ip = asio::ip::make_address(host, failure);
  auto impl = std::make_shared<Impl>(loop, service, limits);
  if (!failure && (port < 0 || port > 65535)) failure = asio::error::invalid_argument;
  const tcp::endpoint endpoint(ip, static_cast<unsigned short>(std::clamp(port, 0, 65535)));
  if (!failure) impl->acceptor.open(endpoint.protocol(), failure);
  if (!failure) impl->acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
  if (!failure) impl->acceptor.bind(endpoint, failure);
  if (!failure) impl->acceptor.listen(asio::socket_base::max_listen_connections, failure);
  if (failure)
    return Error{ErrorCode::internal,
                 fmt::format("cannot listen on http://{}: {}; name a free numeric HOST:PORT, such as 127.0.0.1:8080",
                             address, failure.message())};
  impl->port = impl->acceptor.local_endpoint().port();
  loop.post([impl] { impl->spawn_accepting(); });
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

int HttpServer::port() const { return impl_->port; }
ServerCounts HttpServer::counts() const { return impl_->counts; }
void HttpServer::stop_accepting() { impl_->stop(); }
void HttpServer::close_streams() { impl_->close_streams(); }

}  // namespace inpaintd::gateway
