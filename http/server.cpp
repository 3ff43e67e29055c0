// SPDX-License-Identifier: Apache-2.0
#include "http/server.h"

#include <CivetServer.h>

#include <string_view>
#include <utility>

namespace inpaintd {
namespace {

// Probes and a scraper, each with a short question; a third thread keeps one stuck client from silencing the rest.
constexpr const char* threads = "3";
constexpr const char* request_timeout_ms = "5000";

std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

void write(mg_connection* connection, const HttpResponse& response, bool with_body,
           std::string_view more_headers = {}) {
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + " ";
  text.append(reason(response.status)).append("\r\nContent-Type: ").append(response.content_type);
  text.append("\r\nContent-Length: ").append(std::to_string(response.body.size()));
  text.append("\r\nCache-Control: no-store\r\nConnection: close\r\n").append(more_headers).append("\r\n");
  if (with_body) text.append(response.body);
  mg_write(connection, text.data(), text.size());
}

class Handler : public CivetHandler {
 public:
  explicit Handler(HttpRoute route) : route_(std::move(route)) {}

  bool handleGet(CivetServer*, mg_connection* connection) override { return answer(connection, true); }
  bool handleHead(CivetServer*, mg_connection* connection) override { return answer(connection, false); }
  bool handlePost(CivetServer*, mg_connection* connection) override { return refuse(connection); }
  bool handlePut(CivetServer*, mg_connection* connection) override { return refuse(connection); }
  bool handleDelete(CivetServer*, mg_connection* connection) override { return refuse(connection); }
  bool handleOptions(CivetServer*, mg_connection* connection) override { return refuse(connection); }
  bool handlePatch(CivetServer*, mg_connection* connection) override { return refuse(connection); }

 private:
  bool answer(mg_connection* connection, bool with_body) const {
    // The library takes a handler for everything below its path, too.
    const mg_request_info* request = mg_get_request_info(connection);
    if (request->local_uri == nullptr || request->local_uri != route_.path) {
      write(connection, {404, "text/plain", "not found\n"}, with_body);
      return true;
    }
    HttpResponse response;
    try {
      response = route_.answer();
    } catch (const std::exception& failure) {  // must not pass through C
      response = {500, "text/plain", std::string(failure.what()) + "\n"};
    }
    write(connection, response, with_body);
    return true;
  }

  static bool refuse(mg_connection* connection) {
    write(connection, {405, "text/plain", "only GET and HEAD are answered here\n"}, true, "Allow: GET, HEAD\r\n");
    return true;
  }

  const HttpRoute route_;
};

}  // namespace

class HttpServer::Impl {
 public:
  std::vector<std::unique_ptr<Handler>> handlers;  // outlive the server, which calls them
  std::unique_ptr<CivetServer> server;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::start(const std::string& address, std::vector<HttpRoute> routes) {
  auto impl = std::make_unique<Impl>();
  const std::vector<std::string> options{
      "listening_ports",   address, "num_threads", threads, "request_timeout_ms", request_timeout_ms,
      "enable_keep_alive", "no"};
  try {
    impl->server = std::make_unique<CivetServer>(options);
  } catch (const CivetException&) {  // it knows no reason
    return Error{ErrorCode::internal, "cannot listen on http://" + address +
                                          ": the port is taken, or the address is not one of this machine; choose "
                                          "another with http.listen, or \"\" for none"};
  }
  for (HttpRoute& route : routes) {
    const std::string path = route.path;
    impl->handlers.push_back(std::make_unique<Handler>(std::move(route)));
    impl->server->addHandler(path, *impl->handlers.back());
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

int HttpServer::port() const {
  const std::vector<int> ports = impl_->server->getListeningPorts();
  return ports.empty() ? 0 : ports.front();
}

}  // namespace inpaintd
