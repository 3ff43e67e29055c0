// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/server_options.h"

#include <CLI/CLI.hpp>

namespace inpaintd::tools {

void ServerOptions::declare(CLI::App& app) {
  const auto option = [&app](const char* flag, std::string& value, const char* help) {
    return app.add_option(flag, value, help)->group("Server");
  };
  const auto file = [&option](const char* flag, std::string& value, const char* help) {
    return option(flag, value, help)->check(CLI::ExistingFile);
  };
  option("--server", connection.url, "URL of the NATS server; several URLs, separated by commas, name a cluster")
      ->envname("NATS_URL")
      ->capture_default_str();
  option("--prefix", prefix, "First part of the subjects of the service")->capture_default_str();
  auto* user = option("--user", connection.user, "User name")->envname("INPAINTD_NATS_USER");
  option("--password", connection.password, "Password of the user; safer in the environment")
      ->envname("INPAINTD_NATS_PASSWORD")
      ->needs(user);
  option("--token", connection.token, "Token; safer in the environment")->envname("INPAINTD_NATS_TOKEN");
  file("--creds", connection.credentials_file, "File with a user JWT and its NKey seed");
  file("--nkey", connection.nkey_seed_file, "File with an NKey seed");
  app.add_flag("--tls", connection.tls, "Refuse connections without TLS")->group("Server");
  file("--tls-ca", connection.tls_ca_file, "Certificates to trust (PEM)");
  auto* certificate = file("--tls-cert", connection.tls_cert_file, "Client certificate (PEM)");
  auto* key = file("--tls-key", connection.tls_key_file, "Private key of the client certificate (PEM)");
  key->needs(certificate);
  certificate->needs(key);
  option("--inbox-prefix", connection.inbox_prefix, "Prefix of reply inboxes, instead of _INBOX");
}

}  // namespace inpaintd::tools
