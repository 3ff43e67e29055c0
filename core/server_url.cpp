// SPDX-License-Identifier: Apache-2.0
#include "core/server_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

#include "core/text.h"

namespace inpaintd {
namespace {

constexpr std::string_view scheme_end = "://";
constexpr std::string_view hidden = "***";

Error wrong(std::string message) { return {ErrorCode::bad_request, std::move(message)}; }

/// The position of the first letter of a scheme that ends at `end`.
std::size_t scheme_start(std::string_view text, std::size_t end) {
  while (end > 0 && std::isalnum(static_cast<unsigned char>(text[end - 1])) != 0) --end;
  return end;
}

/// The length of the first URL of a list: up to a comma, but not to one inside of its credentials.
std::size_t first_length(std::string_view list) {
  const std::size_t own = list.find(scheme_end);
  const std::size_t next = own == std::string_view::npos ? own : list.find(scheme_end, own + scheme_end.size());
  const std::size_t end = next == std::string_view::npos ? list.size() : scheme_start(list, next);
  const std::size_t first_comma = std::min(list.find(','), list.size());
  if (own == std::string_view::npos || first_comma < own) return first_comma;
  const std::size_t at = list.substr(0, end).rfind('@');
  return std::min(list.find(',', at == std::string_view::npos ? own : at), list.size());
}

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
    const auto low = high ? hex_digit(text[i + 2]) : std::nullopt;
    out += low ? static_cast<char>(*high << 4 | *low) : text[i];
    if (low) i += 2;
  }
  return out;
}

Status read_credentials(std::string_view text, ServerUrl& url) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  url.user = percent_decoded(text.substr(0, colon));
  url.password = percent_decoded(text.substr(std::min(colon + 1, text.size())));
  if ((url.user + url.password).find('\0') != std::string::npos)
    return wrong("the credentials contain a zero byte; correct the percent-encoding (%00)");
  if (url.user.empty() && !text.empty())
    return wrong("the credentials have no user name; write user:password@ or token@");
  return Ok{};
}

bool valid_host(std::string_view host) {
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  return std::ranges::all_of(host, [bracketed](char c) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_') return true;
    return bracketed && (c == ':' || c == '%');
  });
}

Status read_host(std::string_view text, ServerUrl& url) {
  if (text.ends_with('/')) text.remove_suffix(1);
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view host = text.substr(0, colon);
  if (!valid_host(host))
    return wrong(
        "the host of a server URL may have letters, digits, dots and hyphens only; in user names and passwords, "
        "write @ as %40, / as %2F and a comma as %2C");
  if (!host.empty()) url.host = host;
  if (colon == std::string_view::npos) return Ok{};
  const std::string_view port = text.substr(colon + 1);
  const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), url.port);
  if (failure != std::errc() || end != port.data() + port.size() || url.port < 1 || url.port > 65'535)
    return wrong("the port of a server URL must be a number from 1 to 65535, as in nats://127.0.0.1:4222");
  return Ok{};
}

Result<ServerUrl> parse_one(std::string_view text) {
  ServerUrl url;
  if (const std::size_t end = text.find(scheme_end); end != std::string_view::npos) {
    url.scheme = text.substr(0, end);
    text.remove_prefix(end + scheme_end.size());
    if (url.scheme != "nats" && url.scheme != "tls")
      return wrong("a server URL begins with nats:// or tls://, not with another scheme; correct the URL");
  }
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    if (Status read = read_credentials(text.substr(0, at), url); !read) return read.error();
    text.remove_prefix(at + 1);
  }
  if (Status read = read_host(text, url); !read) return read.error();
  return url;
}

}  // namespace

std::string ServerUrl::shown() const {
  return fmt::format("{}://{}{}:{}", scheme, user.empty() ? "" : "***@", host, port);
}

Result<std::vector<ServerUrl>> parse_server_urls(std::string_view text) {
  std::vector<ServerUrl> urls;
  while (!text.empty()) {
    const std::size_t length = first_length(text);
    const std::string_view element = without_blanks(text.substr(0, length));
    text.remove_prefix(std::min(length + 1, text.size()));
    if (element.empty()) continue;
    auto url = parse_one(element);
    if (!url) return url.error();
    urls.push_back(std::move(*url));
  }
  if (urls.empty()) return wrong("no server URL is given; write one such as nats://127.0.0.1:4222");
  return urls;
}

std::string shown_servers(std::string_view text) {
  const auto urls = parse_server_urls(text);
  if (!urls) return without_secrets(text);
  std::string list;
  for (const ServerUrl& url : *urls) list.append(list.empty() ? "" : ", ").append(url.shown());
  return list;
}

std::string without_secrets(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return std::string(text);
  const std::size_t scheme = text.substr(0, at).find(scheme_end);
  const std::size_t start = scheme == std::string_view::npos ? 0 : scheme + scheme_end.size();
  return fmt::format("{}{}{}", text.substr(0, start), hidden, text.substr(at));
}

}  // namespace inpaintd
