// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>

#include "bus/nats_private.h"
#include "bus/nkey.h"

namespace inpaintd {
namespace {

constexpr int io_buffer_bytes = 1 << 20;          // few system calls for one picture
constexpr std::int64_t write_deadline_ms = 5000;  // messages are written under the connection's lock
constexpr std::int64_t ping_interval_ms = 5000;   // and two missed pings: a server that hangs is noticed within 15 s
constexpr int pings_out_max = 2;
constexpr std::int64_t reconnect_wait_ms = 250;
constexpr std::int64_t reconnect_jitter_ms = 250;  // spreads the clients of a server that has restarted
constexpr std::int64_t reconnect_jitter_tls_ms = 1000;

/// Remembers the first call that failed and the option that it was for.
class Setup {
 public:
  void operator()(natsStatus status, const std::string& what) {
    if (status != NATS_OK && problem_.empty()) problem_ = fmt::format("{}: {}", what, explain(status));
  }
  void fail(const std::string& problem) {
    if (problem_.empty()) problem_ = problem;
  }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  std::string problem_;
};

void require_readable(Setup& set, const std::string& what, const std::string& file) {
  if (!file.empty() && !std::ifstream(file))
    set.fail(fmt::format("{} {} cannot be read: {}", what, file, std::strerror(errno)));
}

void set_reliability(Setup& set, natsOptions* out, const ConnectionOptions& options) {
  const auto buffer = std::clamp<std::int64_t>(options.reconnect_buffer_bytes, 1, std::numeric_limits<int>::max());
  set(natsOptions_SetTimeout(out, options.connect_timeout.count()), "connect timeout");
  // Without it, each publish waits until another thread wakes up.
  set(natsOptions_SetSendAsap(out, true), "immediate sending");
  set(natsOptions_SetIOBufSize(out, io_buffer_bytes), "buffer size");
  set(natsOptions_SetWriteDeadline(out, write_deadline_ms), "write deadline");
  set(natsOptions_SetPingInterval(out, ping_interval_ms), "ping interval");
  set(natsOptions_SetMaxPingsOut(out, pings_out_max), "pings out");
  set(natsOptions_SetMaxReconnect(out, -1), "unlimited reconnects");
  set(natsOptions_SetReconnectWait(out, reconnect_wait_ms), "reconnect wait");
  set(natsOptions_SetReconnectJitter(out, reconnect_jitter_ms, reconnect_jitter_tls_ms), "reconnect jitter");
  set(natsOptions_SetReconnectBufSize(out, static_cast<int>(buffer)), "reconnect buffer");
}

/// The library takes credentials literally, up to the last `@`, and the user up to the first colon.
std::string literal_url(const ServerUrl& url) {
  const std::string password = url.password.empty() ? "" : ":" + url.password;
  const std::string credentials = url.user.empty() ? "" : url.user + password + "@";
  return fmt::format("{}://{}{}:{}", url.scheme, credentials, url.host, url.port);
}

void set_servers(Setup& set, natsOptions* out, const std::vector<ServerUrl>& urls) {
  std::vector<std::string> texts;
  for (const ServerUrl& url : urls) texts.push_back(literal_url(url));
  std::vector<const char*> servers;
  for (const std::string& text : texts) servers.push_back(text.c_str());
  if (std::ranges::any_of(urls, [](const ServerUrl& url) { return url.user.find(':') != std::string::npos; }))
    set.fail("a user name or token in a server URL has a colon, which only the settings for user and token can hold");
  set(natsOptions_SetServers(out, servers.data(), static_cast<int>(servers.size())), "server URL");
}

void set_credentials(Setup& set, natsOptions* out, const ConnectionOptions& options) {
  if (!options.user.empty())
    set(natsOptions_SetUserInfo(out, options.user.c_str(), options.password.c_str()), "user and password");
  if (!options.token.empty()) set(natsOptions_SetToken(out, options.token.c_str()), "token");
  if (!options.credentials_file.empty()) {
    require_readable(set, "credentials file", options.credentials_file);
    set(natsOptions_SetUserCredentialsFromFiles(out, options.credentials_file.c_str(), nullptr), "credentials file");
  }
  if (options.nkey_seed_file.empty()) return;
  const auto seed = read_nkey_seed(options.nkey_seed_file);
  if (!seed) return set.fail(seed.error().message);
  const auto key = nkey_public_key(*seed);
  if (!key) return set.fail(fmt::format("nkey seed file {}: {}", options.nkey_seed_file, key.error().message));
  set(natsOptions_SetNKeyFromSeed(out, key->c_str(), options.nkey_seed_file.c_str()), "nkey");
}

void set_tls(Setup& set, natsOptions* out, const ConnectionOptions& options, const std::vector<ServerUrl>& urls) {
  const bool in_url = std::ranges::any_of(urls, [](const ServerUrl& url) { return url.scheme == "tls"; });
  if (options.tls_cert_file.empty() != options.tls_key_file.empty())
    set.fail("a TLS client certificate needs both its file and its key file");
  if (!options.tls && !in_url && options.tls_ca_file.empty() && options.tls_cert_file.empty()) return;
  set(natsOptions_SetSecure(out, true), "TLS");
  require_readable(set, "TLS certificate authority file", options.tls_ca_file);
  require_readable(set, "TLS certificate file", options.tls_cert_file);
  require_readable(set, "TLS key file", options.tls_key_file);
  if (!set.problem().empty()) return;
  if (!options.tls_ca_file.empty())
    set(natsOptions_LoadCATrustedCertificates(out, options.tls_ca_file.c_str()), "TLS certificate authority file");
  if (!options.tls_cert_file.empty())
    set(natsOptions_LoadCertificatesChain(out, options.tls_cert_file.c_str(), options.tls_key_file.c_str()),
        "TLS certificate and key");
}

/// The library's text about the last error on this thread, without "(file.c:123): " at its head.
std::string last_detail(natsStatus status) {
  natsStatus last = NATS_OK;
  const char* detail = nats_GetLastError(&last);
  if (last != status || detail == nullptr) return {};
  const std::string_view text(detail);
  const std::size_t place = text.starts_with('(') ? text.find("): ") : std::string_view::npos;
  return std::string(place == std::string_view::npos ? text : text.substr(place + 3));
}

}  // namespace

Result<NatsOptions> nats_options(const ConnectionOptions& options) {
  natsOptions* raw = nullptr;
  if (natsOptions_Create(&raw) != NATS_OK) return Error{ErrorCode::internal, "NATS connection: out of memory"};
  NatsOptions out(raw);
  const auto urls = parse_server_urls(options.url);
  if (!urls) return Error{ErrorCode::internal, fmt::format("NATS connection: {}", urls.error().message)};

  Setup set;
  set_servers(set, raw, *urls);
  set(natsOptions_SetName(raw, options.name.c_str()), "connection name");
  if (!options.inbox_prefix.empty())
    set(natsOptions_SetCustomInboxPrefix(raw, options.inbox_prefix.c_str()),
        fmt::format("inbox prefix {}", options.inbox_prefix));
  set_reliability(set, raw, options);
  set_credentials(set, raw, options);
  set_tls(set, raw, options, *urls);
  if (!set.problem().empty())
    return Error{ErrorCode::internal, fmt::format("NATS connection: {}", without_secrets(set.problem()))};
  return out;
}

std::string explain(natsStatus status) {
  switch (status) {
    case NATS_NO_SERVER:
      return "no server answers at this address; start nats-server, or check the URL";
    case NATS_CONNECTION_AUTH_FAILED:
      return "the server refuses the credentials; check user and password, token, nkey or credentials file";
    case NATS_SECURE_CONNECTION_WANTED:
      return "TLS is wanted, but the server does not offer it; use nats:// without TLS settings, or configure the "
             "server's tls block";
    case NATS_TIMEOUT:
      return "the server did not answer in time; check the network and the server's load";
    case NATS_CONNECTION_CLOSED:
      return "the connection is closed";
    case NATS_CONNECTION_DISCONNECTED:
      return "the server is not connected; wait for the reconnect";
    case NATS_INSUFFICIENT_BUFFER:
      return "the server is not connected and the reconnect buffer is full; start the server, or raise "
             "reconnect_buffer_bytes";
    case NATS_INVALID_SUBJECT:
      return "this is not a valid subject; remove blanks and empty parts between dots";
    case NATS_NOT_PERMITTED:
      return "the server's permissions forbid this for the user; extend the user's permissions";
    default:
      break;
  }
  std::string text = natsStatus_GetText(status);
  if (const std::string detail = last_detail(status); !detail.empty() && detail != text)
    text = fmt::format("{} ({})", text, detail);
  if (status == NATS_SSL_ERROR) text += "; check the CA file, and that the server's certificate names the URL's host";
  return without_secrets(text);
}

}  // namespace inpaintd
