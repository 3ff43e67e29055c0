// SPDX-License-Identifier: Apache-2.0
// The gateway: parse the options, start, wait for a signal, drain.
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "clients/cpp/retry.h"
#include "gateway/gateway.h"
#include "monitoring/log.h"
#include "tools/inpaint_gateway/options.h"
#include "tools/shared/child_process.h"
#include "tools/shared/command_line.h"
#include "tools/shared/interrupt.h"
#include "tools/shared/loopback.h"

using namespace inpaintd;
using namespace inpaintd::tools;
using namespace std::chrono_literals;

namespace {

/// Each connection needs a descriptor; the usual soft limit of 1024 is less than connections_max.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

gateway::RetryPolicy retry_policy() {
  return [random = std::minstd_rand(std::random_device{}())](const Error& error, int attempt) mutable {
    return retry_wait(error, attempt, std::uniform_real_distribution<double>(0, 1)(random));
  };
}

/// Starts inpaintd with a private nats-server: the program beside this one, or the one in PATH.
Result<std::unique_ptr<ChildProcess>> start_worker(GatewayOptions& options) {
  auto port = free_port();
  if (!port) return std::move(port.error());
  options.settings.nats.url = fmt::format("nats://127.0.0.1:{}", *port);
  std::error_code failure;
  const auto beside = std::filesystem::read_symlink("/proc/self/exe", failure).parent_path() / "inpaintd";
  std::vector<std::string> command{std::filesystem::exists(beside, failure) ? beside.string() : "inpaintd",
                                   "--start-nats",
                                   "--server",
                                   options.settings.nats.url,
                                   "--set",
                                   "nats.prefix=" + options.settings.prefix,
                                   "--set",
                                   "http.listen="};
  for (const std::string& setting : options.worker_settings) command.insert(command.end(), {"--set", setting});
  return ChildProcess::start(command, {});
}

std::string url_of(const gateway::Gateway& running, const std::string& listen) {
  const std::string host = listen.substr(0, listen.rfind(':'));
  const bool everywhere = host == "0.0.0.0" || host == "[::]";
  return fmt::format("http://{}:{}/", everywhere ? "127.0.0.1" : host, running.port());
}

int serve(GatewayOptions& options, const Interrupt& interrupt) {
  std::unique_ptr<ChildProcess> worker;
  if (options.start_all) {
    auto child = start_worker(options);
    if (!child) return complain(child.error().message);
    worker = std::move(*child);
  }
  auto started = gateway::Gateway::start(options.settings, retry_policy(), INPAINTD_VERSION);
  if (!started) return complain(started.error().message);
  gateway::Gateway& running = **started;
  const std::string url = url_of(running, options.settings.listen);
  spdlog::info("serving {}; Ctrl-C or SIGTERM stops the gateway", url);

  bool waiting_for_worker = options.start_all;
  while (!interrupt.requested() && !running.given_up()) {
    if (worker != nullptr && worker->ended()) {
      spdlog::error("inpaintd ended with exit code {}; its messages are above", *worker->ended());
      return exit_failed;
    }
    if (waiting_for_worker && running.worker_answers(500ms)) {
      waiting_for_worker = false;
      spdlog::info("ready: open {} in a browser", url);
    }
    std::this_thread::sleep_for(50ms);
  }
  spdlog::info("draining");
  const std::size_t left = running.drain();
  spdlog::info("ended: {} tasks did not end in time", left);
  return left == 0 && !running.given_up() ? exit_ok : exit_failed;
}

}  // namespace

int main(int argc, char** argv) {
  const Interrupt interrupt;
  GatewayOptions options;
  CLI::App app("Serves inpainting over HTTP, for browsers and for programs without NATS: a client of inpaintd.",
               "inpaint-gateway");
  options.declare(app);
  if (const auto end = parse_command_line(app, argc, argv)) return *end;
  if (const Status complete = options.complete(); !complete) return complain(complete.error().message, exit_usage);
  set_up_log(options.log);
  raise_descriptor_limit();
  return serve(options, interrupt);
}
