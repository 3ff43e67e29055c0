// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_gateway/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <utility>

#include "tools/shared/declare_choice.h"
#include "tools/shared/duration_option.h"

namespace inpaintd::tools {
namespace {

void declare_bytes(CLI::App& app, const std::string& flag, std::size_t& value, const std::string& help) {
  app.add_option(flag, value, help)
      ->transform(CLI::AsSizeValue(false))
      ->type_name("BYTES")
      ->default_str(std::to_string(value >> 20) + "MiB")
      ->group("Bounds");
}

/// Refuses --start-all together with an option that says how to reach another NATS server.
void refuse_two_servers(const CLI::App& app) {
  if (app.count("--start-all") == 0) return;
  for (const char* flag : {"--server", "--user", "--token", "--creds", "--nkey", "--tls", "--tls-ca", "--tls-cert"})
    if (app.count(flag) > 0)
      throw CLI::ValidationError(
          "--start-all", fmt::format("a NATS server is started for this gateway, and {0} is for another server; leave "
                                     "out --start-all or {0}, which a variable of the environment may set as well",
                                     flag));
}

}  // namespace

void GatewayOptions::declare(CLI::App& app) {
  app.set_config("--config", "", "File with options, one on each line as in: listen = \"0.0.0.0:8080\"");
  app.add_option("--listen", settings.listen, "Numeric HOST:PORT to serve HTTP on")->capture_default_str();
  app.add_option("--page", settings.page, "Folder to serve in place of the page inside the program")
      ->check(CLI::ExistingDirectory);
  app.add_flag("--start-all", start_all,
               "Start a nats-server and an inpaintd for this machine, and stop both when the gateway ends");
  app.add_option("--set", worker_settings, "With --start-all: a setting of inpaintd, as in --set model.devices=cpu")
      ->take_all()
      ->allow_extra_args(false);
  server.declare(app);
  app.callback([&app] { refuse_two_servers(app); });

  const std::string access = "Access";
  app.add_option("--host", settings.access.hosts,
                 "Host name that requests may use, beside IP addresses and localhost; * allows any; may be repeated")
      ->take_all()
      ->allow_extra_args(false)
      ->group(access);
  app.add_option("--allow-origin", settings.access.origins,
                 "Origin of a page elsewhere that may use the gateway (CORS), such as https://example.org")
      ->take_all()
      ->allow_extra_args(false)
      ->group(access);
  app.add_option("--bearer-tokens", tokens_file,
                 "File with tokens that clients need, one on each line: SECRET NAME, or SECRET NAME high")
      ->check(CLI::ExistingFile)
      ->group(access);

  const std::string bounds = "Bounds";
  declare_bytes(app, "--body-max", settings.api.body_bytes_max, "Bytes of one request's body");
  declare_bytes(app, "--bodies-max", settings.limits.bodies_bytes_max, "Bytes of all bodies that are being received");
  declare_bytes(app, "--tasks-bytes-max", settings.tasks.bytes_max, "Bytes of all tasks and results that are kept");
  app.add_option("--tasks-max", settings.tasks.count_max, "Number of tasks that are kept")
      ->capture_default_str()
      ->check(CLI::PositiveNumber)
      ->group(bounds);
  app.add_option("--connections-max", settings.limits.connections_max, "HTTP connections, event streams included")
      ->capture_default_str()
      ->check(CLI::PositiveNumber)
      ->group(bounds);
  declare_choice(app, "--tasks", settings.task_place,
                 "Where tasks are kept (auto: in JetStream, if it has the buckets of inpaint-setup)");
  declare_duration(app, "--task-age-max", settings.tasks.age_max, "Time for which a result is kept");
  declare_duration(app, "--timeout", settings.tasks.timeout_default, "Deadline of tasks without timeout_ms");
  declare_duration(app, "--drain-timeout", settings.drain_timeout, "Time for open tasks after SIGTERM");
  app.add_option("--retries", settings.requester.retries_max, "Number of retries after a retryable error")
      ->capture_default_str()
      ->check(CLI::Range(0, 100));

  declare_choice(app, "--log-level", log.level, "The least severe messages that are logged");
  declare_choice(app, "--log-format", log.format, "Form of the log");
}

Status GatewayOptions::complete() {
  settings.nats = server.connection;
  settings.prefix = server.prefix;
  if (tokens_file.empty()) return Ok{};
  auto tokens = gateway::read_tokens(tokens_file);
  if (!tokens) return std::move(tokens.error());
  settings.access.tokens = std::move(*tokens);
  return Ok{};
}

}  // namespace inpaintd::tools
