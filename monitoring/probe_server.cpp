// SPDX-License-Identifier: Apache-2.0
#include "monitoring/probe_server.h"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <utility>
#include <variant>

#include "http/event_loop.h"
#include "http/problem.h"
#include "http/server.h"

namespace inpaintd {
namespace {

using namespace std::chrono_literals;

// A scraper beside two probes; one handler that hangs does not stop the others.
constexpr int handler_threads = 3;

/// Probes and scrapers are few, send no bodies, and answer at once.
HttpLimits limits() {
  HttpLimits limits;
  limits.connections_max = 64;
  limits.bodies_bytes_max = 0;
  limits.header_bytes_max = 8 << 10;
  limits.header_time = limits.idle_time = limits.write_time = 5s;
  return limits;
}

HttpReply text(int status, std::string line) { return HttpReply::of(status, "text/plain", std::move(line) + "\n"); }

HttpReply reply_of(const Probe& probe) try { return probe.answer(); } catch (const std::exception& failure) {
  return text(500, failure.what());
}

}  // namespace

class ProbeServer::Impl : public HttpService {
 public:
  explicit Impl(std::vector<Probe> probes) : probes_(std::move(probes)), loop_(handler_threads) {}
  ~Impl() override { loop_.stop(); }

  std::variant<HttpReply, std::size_t> admit(const HttpRequest& head) override {
    if (head.method != "GET" && head.method != "HEAD") {
      HttpReply reply = text(405, "this server answers GET and HEAD only");
      reply.headers.emplace_back("Allow", "GET, HEAD");
      return reply;
    }
    if (find(head) == nullptr) return text(404, "there is nothing at this path");
    return std::size_t{0};
  }

  void serve(const HttpExchangePtr& exchange) override {
    const Probe* probe = find(exchange->request());
    loop_.offload([this, exchange, probe] {
      HttpReply reply = reply_of(*probe);
      reply.headers.emplace_back("Cache-Control", "no-store");
      loop_.post([exchange, reply = std::move(reply)] { exchange->answer(reply); });
    });
  }

  HttpReply refusal(const HttpRequest& /*head*/, const Problem& problem) override {
    return text(problem.status, problem.message);
  }
  void answered(const HttpRequest& /*request*/, int /*status*/) override {}

  Status listen(const std::string& address) {
    auto server = HttpServer::start(loop_, address, *this, limits());
    if (!server) return std::move(server.error());
    server_ = std::move(*server);
    return Ok{};
  }
  [[nodiscard]] int port() const { return server_->port(); }

 private:
  [[nodiscard]] const Probe* find(const HttpRequest& request) const {
    const auto found = std::ranges::find(probes_, request.target.path, &Probe::path);
    return found == probes_.end() ? nullptr : &*found;
  }

  const std::vector<Probe> probes_;
  EventLoop loop_;
  std::unique_ptr<HttpServer> server_;
};

ProbeServer::ProbeServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ProbeServer::~ProbeServer() = default;

Result<std::unique_ptr<ProbeServer>> ProbeServer::start(const std::string& address, std::vector<Probe> probes) {
  auto impl = std::make_unique<Impl>(std::move(probes));
  if (Status listening = impl->listen(address); !listening) {
    Error error = std::move(listening.error());
    error.message += "; choose another address with http.listen, or \"\" for none";
    return error;
  }
  return std::unique_ptr<ProbeServer>(new ProbeServer(std::move(impl)));
}

int ProbeServer::port() const { return impl_->port(); }

}  // namespace inpaintd
