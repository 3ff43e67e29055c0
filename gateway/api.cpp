// SPDX-License-Identifier: Apache-2.0
#include "gateway/api.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "gateway/routes.h"
#include "gateway/text/json_text.h"

namespace inpaintd::gateway {
namespace {

constexpr std::size_t small_body_bytes_max = 64 << 10;

}  // namespace

const std::vector<Api::Route>& Api::routes() {
  constexpr auto own = Contract::own;
  constexpr auto no_token = Route::Token::none, needs_token = Route::Token::needed;
  constexpr auto no_body = Route::Body::none, small = Route::Body::small, pictures = Route::Body::pictures;
  static const std::vector<Route> table{
      {"POST", "/inpaint", own, needs_token, pictures, &Api::inpaint},
      {"GET", "/tasks/*", own, no_token, no_body, &Api::task},
      {"DELETE", "/tasks/*", own, no_token, no_body, &Api::cancel},
      {"GET", "/tasks/*/result", own, no_token, no_body, &Api::result},
      {"GET", "/tasks/*/events", own, no_token, no_body, &Api::task_events},
      {"GET", "/events", own, no_token, no_body, &Api::events},
      {"POST", "/api/v1/inpaint", Contract::iopaint, needs_token, pictures, &Api::iopaint},
      {"GET", "/api/v1/server-config", Contract::iopaint, no_token, no_body, &Api::server_config},
      {"GET", "/api/v1/model", Contract::iopaint, no_token, no_body, &Api::model},
      {"POST", "/api/v1/model", Contract::iopaint, no_token, small, &Api::model},
      {"GET", "/api/v1/inputimage", Contract::iopaint, no_token, no_body, &Api::input_image},
      {"GET", "/api/v1/samplers", Contract::iopaint, no_token, no_body, &Api::samplers},
      {"POST", "/api/v1/gen-info", Contract::iopaint, needs_token, pictures, &Api::gen_info},
      {"GET", "/socket.io/", Contract::iopaint, no_token, no_body, &Api::poll_engine_io},
      {"POST", "/socket.io/", Contract::iopaint, no_token, small, &Api::post_engine_io},
      {"POST", "/cleanup/v1", Contract::clipdrop, needs_token, pictures, &Api::clipdrop},
      {"GET", "/healthz", own, no_token, no_body, &Api::healthz},
      {"GET", "/readyz", own, no_token, no_body, &Api::readyz},
      {"GET", "/metrics", own, needs_token, no_body, &Api::metrics},
  };
  return table;
}

Api::Api(Tasks& tasks, Loop& loop, Access access, StaticFiles files, Metrics& metrics, ReadGauges gauges,
         ApiSettings settings)
    : tasks_(tasks),
      loop_(loop),
      access_(std::move(access)),
      files_(std::move(files)),
      metrics_(metrics),
      gauges_(std::move(gauges)),
      settings_(settings),
      engine_io_(loop) {}

const Api::Route* Api::find(const HttpRequest& request) {
  const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
  for (const Route& route : routes())
    if (route.method == method && matches(route.pattern, request.target.path)) return &route;
  return nullptr;
}

std::optional<Problem> Api::check(const HttpRequest& request, const Route* route) const {
  const bool reads = request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS";
  if (auto problem = access_.check_site(request, !reads)) return problem;
  if (request.method == "OPTIONS") return std::nullopt;
  if (route != nullptr) {
    if (route->token == Route::Token::none) return std::nullopt;
    const auto token = access_.check_token(request);
    const auto* problem = std::get_if<Problem>(&token);
    return problem == nullptr ? std::nullopt : std::optional(*problem);
  }
  std::vector<std::string> allowed;
  for (const Route& each : routes())
    if (matches(each.pattern, request.target.path)) allowed.emplace_back(each.method);
  if (!allowed.empty()) {
    std::string list;
    for (const std::string& each : allowed) list.append(list.empty() ? "" : ", ").append(each);
    return method_not_allowed(list);
  }
  return reads ? std::nullopt : std::optional(not_found("there is nothing at this path; see /docs"));
}

std::variant<HttpReply, std::size_t> Api::admit(const HttpRequest& head) {
  const Route* route = find(head);
  if (const auto problem = check(head, route)) return refusal(head, *problem);
  if (head.method == "OPTIONS") {
    HttpReply reply{204, {{"Allow", "GET, HEAD, POST, DELETE, OPTIONS"}}, {}};
    for (auto& header : access_.cors_headers(head)) reply.headers.push_back(std::move(header));
    return reply;
  }
  if (route == nullptr || route->body == Route::Body::none) return std::size_t{0};
  if (route->body == Route::Body::small) return small_body_bytes_max;
  if (draining_)
    return refusal(head, problem(ErrorCode::shutting_down, "the gateway is about to end; ask another one, or again"));
  return settings_.body_bytes_max;
}

void Api::serve(const HttpExchangePtr& exchange) {
  HttpRequest& request = exchange->request();
  exchange->headers = access_.cors_headers(request);
  if (const Route* route = find(request)) {
    const std::vector<std::string> tasks = tasks_in(request.target);
    if (tasks.empty() || tasks.size() > stream_tasks_max) return (this->*route->handler)(exchange);
    return tasks_.load(tasks, [this, exchange, route](const std::optional<Problem>& failure) {
      if (failure) return exchange->answer(problem_reply(route->contract, *failure));
      (this->*route->handler)(exchange);
    });
  }
  auto file = files_.find(request);
  exchange->answer(file ? std::move(*file)
                        : problem_reply(Contract::own, not_found("there is nothing at this path; see /docs")));
}

HttpReply Api::refusal(const HttpRequest& head, const Problem& problem) {
  const Route* route = find(head);
  HttpReply reply = problem_reply(route == nullptr ? Contract::own : route->contract, problem);
  for (auto& header : access_.cors_headers(head)) reply.headers.push_back(std::move(header));
  return reply;
}

void Api::answered(const HttpRequest& request, int status) {
  const Route* route = find(request);
  const std::string_view name = route != nullptr ? route->pattern : status == 200 || status == 304 ? "page" : "other";
  metrics_.count_answer(name, status);
  spdlog::debug("{} {} {}", request.method.empty() ? "?" : request.method, name, status);
}

}  // namespace inpaintd::gateway
