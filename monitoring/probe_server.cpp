// SPDX-License-Identifier: Apache-2.0
#include "monitoring/http_server.h"

#include <fmt/format.h>
#include <httplib.h>
#include <sys/socket.h>

#include <chrono>
#include <exception>
#include <thread>
#include <utility>

namespace inpaintd {
namespace {

// Two threads are enough for probes and a scraper; a third one keeps the server available beside one stuck client.
constexpr std::size_t threads = 3;
constexpr std::chrono::seconds io_timeout{5};

HttpResponse response_of(const HttpRoute& route) try { return route.answer(); } catch (const std::exception& failure) {
  return {500, "text/plain", std::string(failure.what()) + "\n"};
}

void set_up(httplib::Server& server) {
  server.new_task_queue = [] { return new httplib::ThreadPool(threads); };
  server.set_keep_alive_max_count(1);  // an idle connection would hold a thread
  server.set_read_timeout(io_timeout);
  server.set_write_timeout(io_timeout);
  server.set_payload_max_length(0);
  // The library's default, SO_REUSEPORT, would let two workers listen on one port without an error.
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
}

void refuse_other_methods(httplib::Server& server) {
  const auto refuse = [](const httplib::Request&, httplib::Response& out) {
    out.status = 405;
    out.set_header("Allow", "GET, HEAD");
    out.set_content("this server answers GET and HEAD only\n", "text/plain");
  };
  server.Post(".*", refuse);
  server.Put(".*", refuse);
  server.Patch(".*", refuse);
  server.Delete(".*", refuse);
  server.Options(".*", refuse);
}

/// Binds the server to HOST:PORT. Returns the port, or 0 if that is not possible.
int bind(httplib::Server& server, const std::string& address) {
  const std::size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  const int port = std::atoi(address.c_str() + colon + 1);
  if (port == 0) return std::max(0, server.bind_to_any_port(host));
  return server.bind_to_port(host, port) ? port : 0;
}

}  // namespace

class HttpServer::Impl {
 public:
  ~Impl() {
    if (!thread.joinable()) return;
    server.stop();
    thread.join();
  }

  httplib::Server server;
  std::thread thread;
  int port = 0;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::start(const std::string& address, std::vector<HttpRoute> routes) {
  auto impl = std::make_unique<Impl>();
  set_up(impl->server);
  for (HttpRoute& route : routes) {
    const std::string path = route.path;
    impl->server.Get(path, [route = std::move(route)](const httplib::Request&, httplib::Response& out) {
      const HttpResponse response = response_of(route);
      out.status = response.status;
      out.set_header("Cache-Control", "no-store");
      out.set_content(response.body, response.content_type.c_str());
    });
  }
  refuse_other_methods(impl->server);
  impl->port = bind(impl->server, address);
  if (impl->port == 0)
    return Error{ErrorCode::internal,
                 fmt::format("cannot listen on http://{}: the port is in use, or the address does not belong to this "
                             "machine; choose another one with http.listen, or \"\" for none",
                             address)};
  impl->thread = std::thread([&server = impl->server] { server.listen_after_bind(); });
  // stop() has no effect before the server runs.
  while (!impl->server.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

int HttpServer::port() const { return impl_->port; }

}  // namespace inpaintd
