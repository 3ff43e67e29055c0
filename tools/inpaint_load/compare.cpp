// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/compare.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>
#include <utility>

#include "tools/inpaint_load/inputs.h"
#include "tools/inpaint_load/run.h"
#include "tools/shared/child_process.h"

namespace inpaintd::tools {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr auto start_timeout = 10min;  // weights may be large, and devices many

std::string tail_of(const fs::path& file) {
  std::ifstream in(file);
  std::string line, last;
  while (std::getline(in, line))
    if (!line.empty()) last = line;
  return last;
}

/// An inpaintd with a NATS server of its own, and our connection to it.
class PrivateService {
 public:
  static Result<std::unique_ptr<PrivateService>> start(const LoadOptions& options, int batch_size_max) {
    std::unique_ptr<PrivateService> service(new PrivateService);
    const auto port = free_port();
    if (!port) return port.error();
    const std::string url = "nats://127.0.0.1:" + std::to_string(*port);
    const fs::path inpaintd = fs::read_symlink("/proc/self/exe").parent_path() / "inpaintd";
    std::vector<std::string> arguments{inpaintd, "--start-nats", "--server", url};
    const auto set = [&](const std::string& setting) { arguments.insert(arguments.end(), {"--set", setting}); };
    set("http.listen=");  // three of them share this machine
    for (const std::string& setting : options.settings) set(setting);
    set("batch.size_max=" + std::to_string(batch_size_max));
    auto process = ChildProcess::start(arguments, service->log_);
    if (!process) return process.error();
    service->process_ = std::move(*process);
    if (Status up = service->connect(url); !up) return up.error();
    return service;
  }

  ~PrivateService() {
    connection_ = nullptr;
    process_ = nullptr;
    std::error_code ignored;
    fs::remove(log_, ignored);
  }

  Connection& connection() { return *connection_; }
  /// Waits until it answers such requests.
  Status wait_until_ready(const LoadOptions& options, RequestMaker& requests) {
    const TimePoint give_up = Clock::now() + start_timeout;
    while (Clock::now() < give_up) {
      const Status answered = probe(*connection_, options, requests);
      if (answered || answered.error().code != ErrorCode::internal) return answered;
      if (process_->exit_code()) return ended();
      std::this_thread::sleep_for(50ms);
    }
    return Error{ErrorCode::internal, "inpaintd is not ready after ten minutes: " + tail_of(log_)};
  }

 private:
  PrivateService() = default;

  Status connect(const std::string& url) {
    ConnectionOptions options;
    options.url = url;
    options.name = "inpaint-load";
    while (true) {
      auto connection = Connection::open(options);
      if (connection) {
        connection_ = std::move(*connection);
        return Ok{};
      }
      if (process_->exit_code()) return ended();
      std::this_thread::sleep_for(20ms);
    }
  }

  Error ended() {
    if (*process_->exit_code() == ChildProcess::exec_failed)
      return {ErrorCode::internal, "inpaintd is not where inpaint-load is: install both into one folder"};
    return {ErrorCode::internal, "inpaintd did not start: " + tail_of(log_)};
  }

  const fs::path log_ = fs::temp_directory_path() / ("inpaint-load-" + unique_id() + ".log");
  std::unique_ptr<ChildProcess> process_;
  std::unique_ptr<Connection> connection_;
};

/// One way, with its service.
struct Contestant {
  int batch_size;
  Way way;
  std::unique_ptr<PrivateService> service;
};

void add(Way& way, const RunResult& run) {
  const Report& report = run.report;
  way.seconds.push_back(run.last_answer_s);
  for (const auto& [size, count] : report.batch_size) way.batch_sizes[size] += count;
  if (!report.served_by.empty()) way.served_by = report.served_by.begin()->first;
  way.all.requests += report.all.requests;
  way.all.answered += report.all.answered;
  way.all.duplicate += report.all.duplicate;
  way.all.wrong += report.all.wrong + (report.all.requests - report.ok);
}

std::string machine() {
  std::ifstream cpu("/proc/cpuinfo");
  std::string model = "unknown CPU";
  for (std::string line; std::getline(cpu, line);)
    if (line.starts_with("model name")) model = line.substr(line.find(": ") + 2);
  return std::to_string(std::thread::hardware_concurrency()) + " cores, " + model;
}

/// A run of `tasks` requests, as fast as they go.
LoadOptions options_of_run(const LoadOptions& options, int batch_size) {
  LoadOptions run = options;
  run.rate.reset();
  run.concurrency = batch_size == 1 ? 1 : options.tasks;
  run.warmup = 0ms;
  run.requests = static_cast<std::size_t>(options.tasks);
  return run;
}

}  // namespace

double Way::median_s() const {
  std::vector<double> sorted = seconds;
  if (sorted.empty()) return 0;
  std::ranges::sort(sorted);
  const std::size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

bool ComparisonResult::sound() const {
  return std::ranges::all_of(ways, [](const Way& way) { return way.all.balanced() && !way.seconds.empty(); });
}

Result<ComparisonResult> compare_with_serial(const LoadOptions& options, const Interrupt& interrupt) {
  auto pictures = prepare_pictures(sides_of(options.mix), options.format, options.images, options.tasks, options.seed);
  if (!pictures) return pictures.error();
  const LoadPicture& first = pictures->front();
  ComparisonResult result{static_cast<std::size_t>(options.tasks),
                          std::to_string(first.size.width) + "x" + std::to_string(first.size.height) + " " +
                              std::string(name(options.format)),
                          machine(),
                          {}};
  std::vector<Contestant> contestants;
  contestants.push_back({1, {"one at a time"}, nullptr});
  for (int size : {4, 8}) contestants.push_back({size, {"batches of " + std::to_string(size)}, nullptr});
  for (Contestant& each : contestants) {
    auto service = PrivateService::start(options, each.batch_size);
    if (!service) return service.error();
    each.service = std::move(*service);
    RequestMaker requests(options, *pictures);
    if (Status ready = each.service->wait_until_ready(options, requests); !ready) return ready.error();
  }
  // The first round is not counted: it warms up, and services that measure themselves do so.
  for (int round = 0; round <= options.rounds && !interrupt.requested(); ++round) {
    for (Contestant& each : contestants) {
      LoadOptions run = options_of_run(options, each.batch_size);
      run.seed += static_cast<std::uint64_t>(round) * 1000;  // no result of an earlier round will do
      const auto requests = std::make_shared<RequestMaker>(run, *pictures);
      const auto outcome = run_load(each.service->connection(), run, requests, interrupt);
      if (!outcome) return outcome.error();
      if (round > 0 && !interrupt.requested()) add(each.way, *outcome);
    }
  }
  for (Contestant& each : contestants) result.ways.push_back(std::move(each.way));
  return result;
}

}  // namespace inpaintd::tools
