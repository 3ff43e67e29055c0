// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/common.h"

#include <malloc.h>
#include <CLI/CLI.hpp>
#include <atomic>
#include <charconv>
#include <cmath>
#include <csignal>
#include <iostream>

#include "config/kinds.h"

namespace inpaintd::tools {
namespace {

// A signal handler can reach nothing but a global. Blocking the signals and asking sigpending() would need none, but
// libraries start threads before main (OpenBLAS does) that do not block them and would be killed by them, with us.
std::atomic<bool> stop_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void request_stop(int) { stop_requested = true; }

}  // namespace

void ServerOptions::declare(CLI::App& app) {
  const std::string group = "Server";
  app.add_option("--server", connection.url, "NATS server; several, separated by commas, name a cluster")
      ->envname("NATS_URL")
      ->capture_default_str()
      ->group(group);
  app.add_option("--prefix", prefix, "First part of the service's subjects")->capture_default_str()->group(group);
  auto* user = app.add_option("--user", connection.user, "User name")->envname("INPAINTD_NATS_USER")->group(group);
  app.add_option("--password", connection.password, "Its password; better given by the environment")
      ->envname("INPAINTD_NATS_PASSWORD")
      ->needs(user)
      ->group(group);
  app.add_option("--token", connection.token, "Token; better given by the environment")
      ->envname("INPAINTD_NATS_TOKEN")
      ->group(group);
  app.add_option("--creds", connection.credentials_file, "File with a user JWT and its NKey seed")
      ->check(CLI::ExistingFile)
      ->group(group);
  app.add_option("--nkey", connection.nkey_seed_file, "File with an NKey seed")->check(CLI::ExistingFile)->group(group);
  app.add_flag("--tls", connection.tls, "Refuse a connection without TLS")->group(group);
  app.add_option("--tls-ca", connection.tls_ca_file, "Certificates to trust (PEM)")
      ->check(CLI::ExistingFile)
      ->group(group);
  auto* cert = app.add_option("--tls-cert", connection.tls_cert_file, "Our certificate (PEM)")
                   ->check(CLI::ExistingFile)
                   ->group(group);
  auto* key = app.add_option("--tls-key", connection.tls_key_file, "Its key (PEM)")
                  ->check(CLI::ExistingFile)
                  ->needs(cert)
                  ->group(group);
  cert->needs(key);
  app.add_option("--inbox-prefix", connection.inbox_prefix, "Private inboxes instead of _INBOX")->group(group);
}

std::optional<int> parse_command_line(CLI::App& app, int argc, char** argv) {
  app.set_version_flag("--version", app.get_name() + " " INPAINTD_VERSION, "Print the version and exit");
  app.footer((app.get_footer().empty() ? "" : app.get_footer() + "\n") + std::string(exit_code_help));
  try {
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError& end) {
    return app.exit(end) == 0 ? exit_ok : exit_usage;
  }
}

std::optional<std::chrono::milliseconds> parse_seconds(std::string_view text) {
  double seconds = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (failure != std::errc() || end != text.data() + text.size()) return kinds::parse_duration(text);
  if (!(seconds >= 0 && seconds <= 1e9)) return std::nullopt;
  return std::chrono::milliseconds(std::llround(seconds * 1000));
}

void declare_duration(CLI::App& app, const std::string& flag, std::chrono::milliseconds& value,
                      const std::string& help) {
  const auto read = [&value](const std::string& text) {
    const auto duration = parse_seconds(text);
    if (!duration)
      throw CLI::ValidationError("'" + text + "' is not a duration; write seconds, or such as 500ms, 2min");
    value = *duration;
  };
  app.add_option_function<std::string>(flag, read, help)->type_name("TIME")->default_str(kinds::print_duration(value));
}

int complain(std::string_view message, int exit_code) {
  std::cerr << "error: " << message << '\n';
  return exit_code;
}

Status check_payload(const Connection& connection, std::size_t bytes) {
  const std::int64_t limit = connection.max_payload();
  if (limit <= 0 || bytes <= static_cast<std::size_t>(limit)) return Ok{};
  return Error{ErrorCode::too_large, "the request has " + std::to_string(bytes) + " bytes, the NATS server carries " +
                                         std::to_string(limit) +
                                         ": send JPEG or WebP, or raise max_payload in the server's configuration"};
}

void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the largest that glibc takes
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
}

Interrupt::Interrupt() {
  struct sigaction action = {};
  action.sa_handler = request_stop;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  for (int signal : {SIGINT, SIGTERM}) sigaction(signal, &action, nullptr);
}

bool Interrupt::requested() const { return stop_requested; }

}  // namespace inpaintd::tools
