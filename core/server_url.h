// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace inpaintd {

/// The address of a NATS server, and the credentials that stood in its URL, decoded. User and password are empty when
/// the URL has none; a user without a password is a token.
struct ServerUrl {
  std::string scheme = "nats";  ///< or tls
  std::string user;
  std::string password;
  std::string host = "localhost";  ///< an IPv6 address has its brackets
  int port = 4222;

  /// The URL for people: credentials are replaced by `***`.
  [[nodiscard]] std::string shown() const;

  friend bool operator==(const ServerUrl&, const ServerUrl&) = default;
};

/// Reads `[scheme://][user[:password]@]host[:port]`, or several of them with commas between. The credentials reach to
/// the last `@`, and `%40` in them means `@`; a percent sign without two hexadecimal digits stands for itself. A comma
/// belongs to the credentials when an `@` follows before the next `scheme://`.
/// Errors: bad_request, which names what is wrong and shows no credentials.
Result<std::vector<ServerUrl>> parse_server_urls(std::string_view text);

/// The list `text` of server URLs for people, without credentials. It may be wrong in any way.
std::string shown_servers(std::string_view text);

/// `text` without anything that may be credentials of a URL: everything between the first `://` and the last `@`
/// becomes
/// `***`. Without `://`, all before the last `@` is replaced. For texts of other libraries, and for what users wrote.
std::string without_secrets(std::string_view text);

}  // namespace inpaintd
