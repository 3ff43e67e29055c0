// SPDX-License-Identifier: Apache-2.0
#include "bus/nats_private.h"
#include "tests/fuzz/fuzz.h"

/// The list of server URLs: parse_server_urls, nats_options, and what is shown of URLs.
namespace inpaintd::fuzz {
namespace {

/// The words that stand for credentials in a URL of the input; what is shown must not have them.
constexpr std::string_view secrets[] = {"rosebud", "t0ken"};

void require_hidden(std::string_view shown, std::string_view text) {
  const std::size_t at = text.rfind('@');
  const std::size_t scheme = text.find("://");
  if (at == std::string_view::npos || scheme == std::string_view::npos || scheme > at) return;
  const std::string_view credentials = text.substr(scheme, at - scheme);
  const std::string_view rest[] = {text.substr(0, scheme), text.substr(at)};
  for (const std::string_view secret : secrets) {
    if (credentials.find(secret) == std::string_view::npos) continue;
    if (rest[0].find(secret) != std::string_view::npos || rest[1].find(secret) != std::string_view::npos) continue;
    require(shown.find(secret) == std::string_view::npos, "what is shown of a URL has no credentials");
  }
}

void check_parsed(const std::vector<ServerUrl>& urls) {
  require(!urls.empty(), "a list of servers names at least one");
  for (const ServerUrl& url : urls) {
    require(url.port > 0 && url.port < 65'536 && !url.host.empty(), "a URL has a host and a port");
    const auto again = parse_server_urls(url.shown());
    require(bool(again) && again->size() == 1, "what is shown of a URL is a URL");
    require(again->front().host == url.host && again->front().port == url.port, "and it is of the same server");
  }
}

}  // namespace

std::vector<std::string> seeds() {
  return {
      "nats://127.0.0.1:4222",
      "nats://a:1, tls://b.example.org:2 ,ws://c",
      "nats://ann:rosebud@host:4222,nats://t0ken@[::1]:4222",
      "ann:rosebud@host",
      "nats://ann:rose,rosebud 'b'[@(://)@host, c:1",
      "nats://%41:%zzrosebud%2C%40%@host:99999/path?query#end",
      "nats://ann:rosebud%00@host",
      ",, ,",
      "",
  };
}

void run(Bytes input) {
  const std::string text(text_of(input));
  const std::string shown = without_secrets(text);
  require(without_secrets(shown) == shown, "what is shown without secrets has none left");
  require_hidden(shown, text);
  const auto urls = parse_server_urls(text);
  if (urls)
    check_parsed(*urls);
  else
    require_hidden(urls.error().message, text);
  // A list of several servers may hold words between its URLs: only what is one URL must not show them.
  if (!urls || urls->size() == 1) require_hidden(shown_servers(text), text);
  if (text.find("tls://") != std::string::npos) return;  // reading the system's certificates takes too long
  const auto options = nats_options({.url = text});
  if (!options) require(!options.error().message.empty(), "a refused URL is refused in words");
}

}  // namespace inpaintd::fuzz
