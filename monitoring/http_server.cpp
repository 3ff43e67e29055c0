// SPDX-License-Identifier: Apache-2.0
#include "monitoring/http_server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <chrono>
#include <exception>
#include <thread>
#include <utility>

namespace inpaintd {
namespace {

// Probes and a scraper, each with a short question; a third thread keeps one stuck client from silencing the rest.
constexpr std::size_t threads = 3;
constexpr std::chrono::seconds patience{5};

HttpResponse ask(const HttpRoute& route) try { return route.answer(); } catch (const std::exception& failure) {
  return {500, "text/plain", std::string(failure.what()) + "\n"};
}

void set_up(httplib::Server& server) {
  server.new_task_queue = [] { return new httplib::ThreadPool(threads); };
  server.set_keep_alive_max_count(1);  // an idle connection would hold a thread
  server.set_read_timeout(patience);
  server.set_write_timeout(patience);
  server.set_payload_max_length(0);
  // The library's own choice, SO_REUSEPORT, would let two workers share one port without a word.
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
}

void refuse_other_methods(httplib::Server& server) {
  const auto refuse = [](const httplib::Request&, httplib::Response& out) {
    out.status = 405;
    out.set_header("Allow", "GET, HEAD");
    out.set_content("only GET and HEAD are answered here\n", "text/plain");
  };
  server.Post(".*", refuse);
  server.Put(".*", refuse);
  server.Patch(".*", refuse);
  server.Delete(".*", refuse);
  server.Options(".*", refuse);
}

/// Listens on HOST:PORT. Returns the port; 0 when that is not possible.
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
      const HttpResponse response = ask(route);
      out.status = response.status;
      out.set_header("Cache-Control", "no-store");
      out.set_content(response.body, response.content_type.c_str());
    });
  }
  refuse_other_methods(impl->server);
  impl->port = bind(impl->server, address);
  if (impl->port == 0)
    return Error{ErrorCode::internal, "cannot listen on http://" + address +
                                          ": the port is taken, or the address is not one of this machine; choose "
                                          "another with http.listen, or \"\" for none"};
  impl->thread = std::thread([&server = impl->server] { server.listen_after_bind(); });
  // It can be stopped only once it runs.
  while (!impl->server.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

int HttpServer::port() const { return impl_->port; }

}  // namespace inpaintd
