// SPDX-License-Identifier: Apache-2.0
// The smallest possible responder: a subscription of nats.c that answers each message with the same bytes. (The
// project's class Connection adds no queue, thread or copy.) The difference between the service and this program is the
// cost of the actors and codecs. Only tools/bench uses it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <iostream>
#include <string>
#include <thread>

#include "bus/subjects.h"
#include "bus/wire/wire.h"
#include "tools/shared/command_line.h"
#include "tools/shared/interrupt.h"
#include "tools/shared/malloc_settings.h"
#include "tools/shared/server_options.h"

namespace inpaintd::tools {
namespace {

/// A "done" reply with a picture of `bytes` bytes, in a form that inpaint-load accepts.
std::string make_reply(std::size_t bytes) {
  const std::string picture(bytes, '\x55');
  wire::Done done;
  done.image = as_bytes(picture);
  done.format = Format::raw;
  done.size = {std::max(1, static_cast<int>(bytes / 3)), 1};
  done.region = {0, 0, done.size.width, 1};
  done.device = "nats.c";
  done.model = "echo";
  done.batch_size = 1;
  return wire::encode_reply(done);
}

int echo(const ServerOptions& server, std::size_t bytes) {
  const Interrupt interrupt;
  const auto connection = Connection::open(server.connection);
  if (!connection) return complain(connection.error().message, exit_no_service);
  const std::string reply = make_reply(bytes);
  const std::string subject = run_subject(server.prefix, Priority::normal);
  const auto subscription = (*connection)->subscribe(subject, "", [&](const Message& message) {
    (void)(*connection)->publish(std::string(message.reply()), as_bytes(reply));
  });
  if (!subscription) return complain(subscription.error().message);
  (void)(*connection)->flush(std::chrono::seconds(5));
  std::cout << "answering " << subject << std::endl;
  while (!interrupt.requested()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  return exit_ok;
}

}  // namespace
}  // namespace inpaintd::tools

int main(int argc, char** argv) {
  using namespace inpaintd::tools;
  keep_freed_memory();
  ServerOptions server;
  server.connection.name = "nats-echo";
  std::size_t bytes = 110'592;  // of a patch of 192x192 pixels, the mean of --masks box at 512x512
  CLI::App app("Answers every request with the same bytes, to measure the cost of NATS alone.", "nats-echo");
  app.add_option("--bytes", bytes, "Size of the picture in each answer, in bytes")
      ->check(CLI::Range(0, 8'000'000))
      ->capture_default_str();
  server.declare(app);
  if (const auto exit_code = parse_command_line(app, argc, argv)) return *exit_code;
  return echo(server, bytes);
}
