// SPDX-License-Identifier: Apache-2.0
// The service: loads the configuration, starts, waits for a signal, and drains.
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "actors/service.h"
#include "bus/subjects.h"
#include "config/load.h"
#include "monitoring/log.h"
#include "tools/inpaintd/nats_child.h"
#include "tools/inpaintd/serving_log.h"
#include "tools/shared/command_line.h"
#include "tools/shared/interrupt.h"
#include "tools/shared/malloc_settings.h"

using namespace inpaintd;
using namespace inpaintd::tools;

namespace {

struct Arguments {
  ConfigSources sources;
  std::string server;
  bool check_config = false;
  bool print_config = false;
  bool start_nats = false;
};

void declare(CLI::App& app, Arguments& arguments) {
  app.add_option("--config", arguments.sources.file, "TOML file with settings; --print-config shows the format");
  app.add_option("--set", arguments.sources.overrides,
                 "One setting, as in --set batch.size_max=4; may be repeated, and overrides --config")
      ->take_all()
      ->allow_extra_args(false);
  app.add_option("--server", arguments.server, "URL of the NATS server; the same as --set nats.url=URL");
  app.add_flag("--check-config", arguments.check_config, "Check the configuration and exit");
  app.add_flag("--print-config", arguments.print_config,
               "Print all effective settings with comments, as TOML, and exit");
  app.add_flag("--start-nats", arguments.start_nats,
               "Start a private nats-server on 127.0.0.1, and stop it at the end");
}

// Ends the process with `exit_code` after `time`, even when some threads still run. Every request is answered before;
// the threads may be those of a device in a long batch, of a device that hangs, or of a library that waits for a lost
// GPU.
void exit_after(std::chrono::seconds time, int exit_code) {
  std::thread([time, exit_code] {
    std::this_thread::sleep_for(time);
    spdlog::shutdown();
    std::_Exit(exit_code);
  }).detach();
}

bool has_hung_device(const Service& service) {
  const Health devices = service.health();
  return std::any_of(devices.begin(), devices.end(), [](const DeviceHealth& device) { return device.hung; });
}

int exit_code_of(const Service& service, std::size_t abandoned) {
  if (!service.restart_reason().empty()) return exit_restart;
  return abandoned == 0 && !service.cut_off() ? exit_ok : exit_failed;
}

int serve(const Config& config, bool start_nats, const Interrupt& interrupt) {
  constexpr std::chrono::seconds exit_time_max{5};
  std::unique_ptr<NatsChild> nats;
  if (start_nats) {
    auto child = NatsChild::start(config.nats.url);
    if (!child) return complain(child.error().message);
    nats = std::move(*child);
  }
  const auto stop_while_loading = [&, exiting = false]() mutable {
    if (interrupt.requested() && !std::exchange(exiting, true)) exit_after(exit_time_max, exit_failed);
    return interrupt.requested();
  };
  auto service = Service::start(config, INPAINTD_VERSION, stop_while_loading);
  if (!service) return complain(service.error().message);
  ServingLog serving(
      {fmt::format("{} as {}; Ctrl-C or SIGTERM stops the service", run_subject(config.nats.prefix), (*service)->id()),
       [&] { return (*service)->confirm_subscriptions(); }, [&] { return (*service)->nats_problem(); },
       [](const std::string& line) { spdlog::info("{}", line); },
       [](const std::string& line) { spdlog::warn("{}", line); }});

  const auto must_end = [&] { return (*service)->cut_off() || !(*service)->restart_reason().empty(); };
  while (!interrupt.requested() && !must_end()) {
    serving.look((*service)->connected(), Clock::now());
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  const std::string restart_reason = (*service)->restart_reason();
  if (!restart_reason.empty()) spdlog::error("this process must be restarted: {}", restart_reason);
  spdlog::info("draining");
  const std::size_t abandoned = (*service)->drain();
  const Metrics& metrics = (*service)->metrics();
  spdlog::info("ended: {} requests, {} done, {} refused or failed, {} undeliverable", metrics.received, metrics.done,
               metrics.failed(), metrics.undeliverable);
  const int exit_code = exit_code_of(**service, abandoned);
  exit_after(has_hung_device(**service) ? std::chrono::seconds(0) : exit_time_max, exit_code);
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();
  const Interrupt interrupt;
  Arguments arguments;
  CLI::App app(
      "Serves LaMa image inpainting over NATS: requests arrive on inpaint.v1.run, answers go to the inbox of each client.",
      "inpaintd");
  app.footer("Without options, the service uses the NATS server at nats://127.0.0.1:4222 and the built-in model.");
  declare(app, arguments);
  if (const auto end = parse_command_line(app, argc, argv)) return *end;

  if (!arguments.server.empty()) arguments.sources.overrides.push_back("nats.url=" + arguments.server);
  const auto config = load_config(arguments.sources);
  if (!config) return complain(config.error().message, exit_usage);
  if (arguments.print_config) std::fputs(print_config(*config).c_str(), stdout);
  if (arguments.check_config) std::puts("configuration OK");
  if (arguments.print_config || arguments.check_config) return exit_ok;

  set_up_log(config->log);
  return serve(*config, arguments.start_nats, interrupt);
}
