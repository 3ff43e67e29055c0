// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/compare.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>
#include <utility>

#include "core/cores.h"
#include "core/units.h"
#include "tools/inpaint_load/fill_error.h"
#include "tools/inpaint_load/inputs.h"
#include "tools/inpaint_load/run.h"
#include "tools/shared/child_process.h"
#include "tools/shared/loopback.h"
#include "tools/shared/machine.h"
#include "tools/shared/statistics.h"

namespace inpaintd::tools {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::size_t judged_fills = 8;
constexpr auto start_timeout = 10min;  // enough to load large weights on many devices

/// The last line of a file that is not empty.
std::string last_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line, last;
  while (std::getline(in, line))
    if (!line.empty()) last = line;
  return last;
}

/// An inpaintd with its own NATS server, and a connection to it. Ends with the object.
class PrivateService {
 public:
  static Result<std::unique_ptr<PrivateService>> start(const LoadOptions& options, int batch_size_max) {
    std::unique_ptr<PrivateService> service(new PrivateService);
    const auto port = free_port();
    if (!port) return port.error();
    const std::string url = fmt::format("nats://127.0.0.1:{}", *port);
    const fs::path inpaintd = fs::read_symlink("/proc/self/exe").parent_path() / "inpaintd";
    std::vector<std::string> arguments{inpaintd, "--start-nats", "--server", url};
    const auto set = [&](const std::string& setting) { arguments.insert(arguments.end(), {"--set", setting}); };
    set("http.listen=");  // off, as three services share this machine
    for (const std::string& setting : options.settings) set(setting);
    set(fmt::format("batch.size_max={}", batch_size_max));
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
  /// Waits until the service listens, and answers a request of the run.
  Status wait_until_ready(const LoadOptions& options, RequestMaker& requests) {
    const TimePoint give_up = Clock::now() + start_timeout;
    while (Clock::now() < give_up) {
      if (process_->ended()) return ended();
      if (connection_->request("$SRV.PING.inpaint", {}, 1s)) return probe(*connection_, options, requests);
      std::this_thread::sleep_for(50ms);
    }
    return Error{ErrorCode::internal,
                 "inpaintd was not ready within 10 minutes; its last log line is: " + last_line(log_)};
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
      if (process_->ended()) return ended();
      std::this_thread::sleep_for(20ms);
    }
  }

  Error ended() {
    if (*process_->ended() == ChildProcess::exec_failed)
      return {ErrorCode::internal, "inpaintd is not in the folder of inpaint-load; install both into one folder"};
    return {ErrorCode::internal, "inpaintd did not start; its last log line is: " + last_line(log_)};
  }

  const fs::path log_ = fs::temp_directory_path() / ("inpaint-load-" + unique_id() + ".log");
  std::unique_ptr<ChildProcess> process_;
  std::unique_ptr<Connection> connection_;
};

/// A way to be measured, with its service.
struct Candidate {
  int batch_size;
  Way way;
  const std::vector<LoadPicture>& pictures;
  std::unique_ptr<PrivateService> service = nullptr;
};

Result<std::vector<LoadPicture>> stretched(const std::vector<LoadPicture>& pictures, Size size) {
  std::vector<LoadPicture> results;
  for (const LoadPicture& each : pictures) {
    auto result = stretch(each, size);
    if (!result) return result.error();
    results.push_back(std::move(*result));
  }
  return results;
}

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

/// Options of a closed loop that sends `tasks` requests without warm-up. Each round has other masks, so that no cached
/// result of an earlier round is used.
LoadOptions options_of_round(const LoadOptions& options, int batch_size, int round) {
  LoadOptions run = options;
  run.rate.reset();
  run.concurrency = batch_size == 1 ? 1 : options.tasks;
  run.warmup = 0ms;
  run.requests = static_cast<std::size_t>(options.tasks);
  run.seed += static_cast<std::uint64_t>(round) * 1000;
  return run;
}

}  // namespace

double Way::median_s() const { return median(seconds); }

bool ComparisonResult::sound() const {
  return std::ranges::all_of(ways, [](const Way& way) { return way.all.balanced() && !way.seconds.empty(); });
}

Result<ComparisonResult> compare_with_serial(const LoadOptions& options, const Interrupt& interrupt) {
  const auto pictures = pictures_for(options, options.tasks);
  if (!pictures) return pictures.error();
  const bool mixed = !options.sizes.empty() || options.as_is;
  const Size first = pictures->front().size;
  ComparisonResult result{static_cast<std::size_t>(options.tasks),
                          mixed ? fmt::format("mixed sizes, {}", name(options.format))
                                : fmt::format("{} {}", size_text(first), name(options.format)),
                          fmt::format("{} cores, {}", usable_cores(), cpu_name()),
                          {}};
  std::vector<Candidate> candidates;
  candidates.push_back({1, {"one at a time"}, *pictures});
  for (int size : {4, 8}) candidates.push_back({size, {fmt::format("batches of {}", size)}, *pictures});
  const auto squares = mixed ? stretched(*pictures, {512, 512}) : std::vector<LoadPicture>{};
  if (!squares) return squares.error();
  if (mixed) candidates.push_back({8, {"8, at 512x512"}, *squares});
  for (Candidate& each : candidates) {
    auto service = PrivateService::start(options, each.batch_size);
    if (!service) return service.error();
    each.service = std::move(*service);
    RequestMaker requests(options, each.pictures);
    if (Status ready = each.service->wait_until_ready(options, requests); !ready) return ready.error();
  }
  // Round 0 is not counted: it warms up the services, which measure their batches meanwhile.
  for (int round = 0; round <= options.rounds && !interrupt.requested(); ++round) {
    for (Candidate& each : candidates) {
      const LoadOptions run = options_of_round(options, each.batch_size, round);
      const auto requests = std::make_shared<RequestMaker>(run, each.pictures);
      const auto outcome = run_load(each.service->connection(), run, requests, interrupt);
      if (!outcome) return outcome.error();
      if (round > 0 && !interrupt.requested()) add(each.way, *outcome);
    }
  }
  for (Candidate& each : candidates) {
    if (interrupt.requested()) break;
    LoadOptions exact = options_of_round(options, each.batch_size, options.rounds);
    exact.request.format = Format::png;
    exact.request.region = Region::full;
    RequestMaker sent(exact, each.pictures);
    const auto error = mean_fill_error(each.service->connection(), exact, sent, RequestMaker(exact, *pictures),
                                       std::min(result.tasks, judged_fills));
    if (!error) return error.error();
    each.way.fill_error = *error;
  }
  for (Candidate& each : candidates) result.ways.push_back(std::move(each.way));
  return result;
}

}  // namespace inpaintd::tools
