// SPDX-License-Identifier: Apache-2.0
// inpaint-setup makes and checks the streams, consumers and buckets that the service uses in the NATS server.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <string>
#include <vector>

#include "bus/layout.h"
#include "tools/shared/command_line.h"
#include "tools/shared/duration_option.h"
#include "tools/shared/or_throw.h"
#include "tools/shared/server_options.h"

namespace inpaintd::tools {
namespace {

constexpr const char* description =
    "Makes the streams and buckets of NATS in which durable jobs are kept, and pictures that no message can hold.\n\n"
    "  inpaint-setup --server nats://127.0.0.1:4222 --age 24h\n\n"
    "The NATS server needs JetStream. What exists is checked, and changed with --update only. The exit code is 1 when\n"
    "something differs.\n";

constexpr std::chrono::seconds timeout{10};

struct SetupOptions {
  ServerOptions server;
  LayoutOptions layout;
  std::chrono::milliseconds pictures_age = layout.pictures_age;
  std::chrono::milliseconds jobs_age = layout.jobs_age;
  std::chrono::milliseconds dead_age = layout.dead_age;
  bool update = false;

  void declare(CLI::App& app);
  [[nodiscard]] LayoutOptions wanted() const;
};

void declare_bytes(CLI::App& app, const std::string& name, std::int64_t& bytes, const std::string& help) {
  app.add_option(name, bytes, help)->transform(CLI::AsSizeValue(false))->default_str(fmt::format("{}GiB", bytes >> 30));
}

void SetupOptions::declare(CLI::App& app) {
  server.declare(app);
  declare_duration(app, "--age", pictures_age, "Time after which pictures are removed; 0: never");
  declare_bytes(app, "--bytes", layout.pictures_bytes, "Largest number of bytes of all pictures");
  declare_duration(app, "--jobs-age", jobs_age,
                   "Time after which jobs that no worker has finished, and the states of jobs, are removed");
  declare_bytes(app, "--jobs-bytes", layout.jobs_bytes,
                "Largest number of bytes of the jobs that wait; further jobs are refused");
  declare_duration(app, "--dead-age", dead_age, "Time after which the requests of dead jobs are removed");
  declare_bytes(app, "--dead-bytes", layout.dead_bytes,
                "Largest number of bytes of dead jobs; the oldest ones are removed for newer ones");
  app.add_option("--replicas", layout.replicas, "Servers of a cluster that keep everything; 3 survive the loss of one")
      ->check(CLI::Range(1, 5))
      ->capture_default_str();
  app.add_flag("--update", update, "Change what differs");
}

LayoutOptions SetupOptions::wanted() const {
  using std::chrono::duration_cast, std::chrono::seconds;
  LayoutOptions options = layout;
  options.prefix = server.prefix;
  options.pictures_age = duration_cast<seconds>(pictures_age);
  options.jobs_age = duration_cast<seconds>(jobs_age);
  options.dead_age = duration_cast<seconds>(dead_age);
  return options;
}

void print_differences(const std::vector<std::string>& differences) {
  for (const std::string& each : differences) std::cout << "  " << each << '\n';
}

/// Returns whether the part is as wanted at the end.
bool set_up(Layout& layout, const std::string& part, bool update) {
  const auto before = or_throw(layout.differences(part));
  if (before && before->empty()) {
    std::cout << part << ": as wanted\n";
    return true;
  }
  if (before && !update) {
    std::cout << part << ": it differs; add --update to change it\n";
    print_differences(*before);
    return false;
  }
  or_throw(before ? layout.change(part) : layout.make(part));
  const auto after = or_throw(layout.differences(part));
  const bool right = after && after->empty();
  std::cout << fmt::format("{}: {}{}\n", part, before ? "changed" : "made",
                           right ? "" : ", but the server does not keep it as wanted; a newer server may");
  if (after) print_differences(*after);
  return right;
}

}  // namespace
}  // namespace inpaintd::tools

int main(int argc, char** argv) {
  using namespace inpaintd;
  using namespace inpaintd::tools;
  SetupOptions options;
  options.server.connection.name = "inpaint-setup";
  CLI::App app(description, "inpaint-setup");
  options.declare(app);
  if (const auto exit_code = parse_command_line(app, argc, argv)) return *exit_code;
  const auto connection = Connection::open(options.server.connection);
  if (!connection) return complain(connection.error().message, exit_no_service);
  try {
    Layout layout(**connection, options.wanted(), timeout);
    bool right = true;
    for (const std::string& part : layout.parts()) right = set_up(layout, part, options.update) && right;
    return right ? exit_ok : exit_failed;
  } catch (const std::exception& error) {
    return complain(error.what());
  }
}
