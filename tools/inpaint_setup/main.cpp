// SPDX-License-Identifier: Apache-2.0
// inpaint-setup makes and checks what the service keeps in the NATS server.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <string>

#include "bus/object_store.h"
#include "tools/shared/command_line.h"
#include "tools/shared/duration_option.h"
#include "tools/shared/or_throw.h"
#include "tools/shared/server_options.h"

namespace inpaintd::tools {
namespace {

constexpr const char* description =
    "Makes the bucket of the NATS object store through which pictures travel that no message can hold.\n\n"
    "  inpaint-setup --server nats://127.0.0.1:4222 --age 86400\n\n"
    "The NATS server needs JetStream. A bucket that exists is checked, and changed with --update only.\n";

constexpr std::chrono::seconds timeout{10};

struct SetupOptions {
  ServerOptions server;
  std::chrono::milliseconds age = std::chrono::hours(24);
  std::int64_t bytes_max = std::int64_t{10} << 30;
  int replicas = 1;
  bool update = false;
};

std::string text_of(const BucketOptions& options) {
  const std::string age = options.age_max.count() == 0
                              ? "objects are never removed"
                              : fmt::format("objects are removed after {} s", options.age_max.count());
  const std::string bytes =
      options.bytes_max < 0 ? "no limit of bytes" : fmt::format("at most {} bytes", options.bytes_max);
  return fmt::format("{}, {}, {} replicas", age, bytes, options.replicas);
}

/// Returns whether the bucket is as wanted.
bool set_up(ObjectStore& bucket, const BucketOptions& wanted, bool update) {
  const auto present = or_throw(bucket.options());
  if (present == wanted) {
    std::cout << fmt::format("bucket {}: {}\n", pictures_bucket, text_of(wanted));
    return true;
  }
  if (present && !update) {
    std::cout << fmt::format("bucket {}: it differs\n  present: {}\n  wanted:  {}\nadd --update to change it\n",
                             pictures_bucket, text_of(*present), text_of(wanted));
    return false;
  }
  or_throw(present ? bucket.update(wanted) : bucket.create(wanted));
  std::cout << fmt::format("bucket {}: {}: {}\n", pictures_bucket, present ? "changed" : "made",
                           text_of(or_throw(bucket.options()).value()));
  return true;
}

}  // namespace
}  // namespace inpaintd::tools

int main(int argc, char** argv) {
  using namespace inpaintd;
  using namespace inpaintd::tools;
  SetupOptions options;
  options.server.connection.name = "inpaint-setup";
  CLI::App app(description, "inpaint-setup");
  options.server.declare(app);
  declare_duration(app, "--age", options.age, "Time after which objects are removed; 0: never");
  app.add_option("--bytes", options.bytes_max, "Largest number of bytes of all objects")
      ->transform(CLI::AsSizeValue(false))
      ->default_str("10GiB");
  app.add_option("--replicas", options.replicas,
                 "Servers of a cluster that keep each object; 3 survive the loss of one")
      ->check(CLI::Range(1, 5))
      ->capture_default_str();
  app.add_flag("--update", options.update, "Change a bucket that differs");
  if (const auto exit_code = parse_command_line(app, argc, argv)) return *exit_code;
  const auto connection = Connection::open(options.server.connection);
  if (!connection) return complain(connection.error().message, exit_no_service);
  try {
    ObjectStore bucket(**connection, std::string(pictures_bucket), timeout);
    const BucketOptions wanted{std::chrono::duration_cast<std::chrono::seconds>(options.age), options.bytes_max,
                               options.replicas};
    return set_up(bucket, wanted, options.update) ? exit_ok : exit_failed;
  } catch (const std::exception& error) {
    return complain(error.what());
  }
}
