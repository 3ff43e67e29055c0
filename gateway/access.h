// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/result.h"
#include "gateway/problem.h"
#include "http/message.h"

namespace inpaintd::gateway {

/// A bearer token that may use the gateway.
struct Token {
  std::string secret;
  std::string name;   ///< in logs
  bool high = false;  ///< may ask for the priority `high`
};

/// Reads a file of tokens: one on each line, as `SECRET NAME [high]`; empty lines and lines that start with # are left
/// out. A secret has at least 16 characters. Errors: internal, naming the file and the line.
Result<std::vector<Token>> read_tokens(const std::string& file);

struct AccessSettings {
  std::vector<std::string> hosts;    ///< names in Host beside IP addresses and localhost; "*": every name
  std::vector<std::string> origins;  ///< of other pages that may call the gateway from a browser
  std::vector<Token> tokens;         ///< empty: no token is needed
};

/// The rules by which requests are allowed or refused.
///
/// The name in Host must be known: a page of another site whose name was rebound to this address (DNS rebinding) has
/// its own name there. The Origin of a request that changes something must be this gateway's own, or an allowed one.
class Access {
 public:
  explicit Access(AccessSettings settings) : settings_(std::move(settings)) {}

  /// Checks Host; and Origin, where `changes` is set. Nothing when both are good.
  [[nodiscard]] std::optional<Problem> check_site(const HttpRequest& request, bool changes) const;

  /// Whether the request brings a token that is allowed (`Authorization: Bearer`, or ClipDrop's `x-api-key`). Without
  /// tokens in the settings every request is allowed, but none with the priority `high`.
  [[nodiscard]] std::variant<Token, Problem> check_token(const HttpRequest& request) const;

  /// The headers by which a browser lets the page of an allowed origin read the answer (CORS); else none.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> cors_headers(const HttpRequest& request) const;

 private:
  [[nodiscard]] bool origin_allowed(std::string_view origin) const;

  const AccessSettings settings_;
};

}  // namespace inpaintd::gateway
