// SPDX-License-Identifier: Apache-2.0
#include "gateway/access.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <sstream>
#include <utility>

#include "http/header_value.h"

namespace inpaintd::gateway {
namespace {

constexpr std::size_t secret_bytes_min = 16;

/// `host` of `host:port` or `[address]:port`, in lower case; a trailing dot is left out.
std::string host_name(std::string_view host) {
  if (host.starts_with('[')) return lower_case(host.substr(0, host.find(']') + 1));
  std::string name = lower_case(host.substr(0, host.find(':')));
  if (name.ends_with('.')) name.pop_back();
  return name;
}

bool is_ip_address(std::string_view name) {
  if (name.starts_with('[')) return name.ends_with(']');
  return !name.empty() && name.find_first_not_of("0123456789.") == std::string_view::npos;
}

/// Takes as long for a wrong text as for the right one.
bool same_secret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  return difference == 0;
}

}  // namespace

Result<std::vector<Token>> read_tokens(const std::string& file) {
  std::ifstream in(file);
  if (!in) return Error{ErrorCode::internal, fmt::format("the token file {} cannot be read; check its name", file)};
  std::vector<Token> tokens;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    std::istringstream words(line);
    Token token;
    std::string high, more;
    if (!(words >> token.secret) || token.secret.starts_with('#')) continue;
    words >> token.name >> high >> more;
    token.high = high == "high";
    const bool good =
        token.secret.size() >= secret_bytes_min && !token.name.empty() && more.empty() && (high.empty() || token.high);
    if (!good)
      return Error{ErrorCode::internal, fmt::format("{}, line {}: a token is `SECRET NAME` or `SECRET NAME high`, and "
                                                    "the secret has at least {} characters",
                                                    file, number, secret_bytes_min)};
    tokens.push_back(std::move(token));
  }
  if (tokens.empty())
    return Error{ErrorCode::internal, fmt::format("the token file {} has no token; write `SECRET NAME`", file)};
  return tokens;
}

std::optional<Problem> Access::check_site(const HttpRequest& request, bool changes) const {
  const std::string_view host = request.header("host");
  const std::string name = host_name(host);
  const auto& hosts = settings_.hosts;
  const bool known = is_ip_address(name) || name == "localhost" || std::ranges::find(hosts, name) != hosts.end() ||
                     std::ranges::find(hosts, "*") != hosts.end();
  if (!known)
    return forbidden("the name in Host is not one of this gateway; start it with --host NAME to allow the name");
  const std::string_view origin = request.header("origin");
  if (!changes || origin.empty() || origin_allowed(origin)) return std::nullopt;
  const std::size_t scheme = origin.find("://");
  const bool own = scheme != std::string_view::npos && lower_case(origin.substr(scheme + 3)) == lower_case(host);
  if (own) return std::nullopt;
  return forbidden("pages of this origin may not use the gateway; start it with --allow-origin ORIGIN to allow it");
}

std::variant<Token, Problem> Access::check_token(const HttpRequest& request) const {
  if (settings_.tokens.empty()) return Token{};
  std::string_view given = request.header("x-api-key");
  const std::string_view authorization = request.header("authorization");
  if (lower_case(authorization.substr(0, 7)) == "bearer ") given = trimmed(authorization.substr(7));
  if (given.empty()) return unauthorized("a token is needed; send `Authorization: Bearer TOKEN`");
  for (const Token& token : settings_.tokens)
    if (same_secret(token.secret, given)) return token;
  return unauthorized("the token is not known here; check it");
}

std::vector<std::pair<std::string, std::string>> Access::cors_headers(const HttpRequest& request) const {
  if (settings_.origins.empty()) return {};
  const std::string_view origin = request.header("origin");
  std::vector<std::pair<std::string, std::string>> headers{{"Vary", "Origin"}};
  if (origin.empty() || !origin_allowed(origin)) return headers;
  headers.emplace_back("Access-Control-Allow-Origin", origin);
  headers.emplace_back("Access-Control-Expose-Headers", "Location, Retry-After, X-Task-Id");
  if (request.method == "OPTIONS") {
    headers.emplace_back("Access-Control-Allow-Methods", "GET, HEAD, POST, DELETE");
    headers.emplace_back("Access-Control-Allow-Headers",
                         "Authorization, Content-Type, Prefer, Last-Event-ID, traceparent, x-api-key");
    headers.emplace_back("Access-Control-Max-Age", "600");
  }
  return headers;
}

bool Access::origin_allowed(std::string_view origin) const {
  return std::ranges::find(settings_.origins, origin) != settings_.origins.end();
}

}  // namespace inpaintd::gateway
