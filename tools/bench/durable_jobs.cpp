// SPDX-License-Identifier: Apache-2.0
// Sends durable jobs to workers that are killed at random moments, as is the NATS server, and checks that every job
// ends once and nothing is left. With --compare: how many pictures a second, as plain requests and as durable jobs, in
// turn.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

#include "bus/jobs.h"
#include "bus/layout.h"
#include "bus/object_store.h"
#include "bus/subjects.h"
#include "image/codec.h"
#include "tools/shared/child_process.h"
#include "tools/shared/command_line.h"
#include "tools/shared/loopback.h"
#include "tools/shared/or_throw.h"

namespace inpaintd::tools {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr std::string_view owner = "bench";
constexpr const char* poison_name = "poison";

struct BenchOptions {
  std::string bin = "build/release/bin";
  std::string nats_server = "nats-server";
  int jobs = 500;
  int workers = 3;
  int worker_kills = 20;
  int server_kills = 5;
  unsigned seed = 1;
  bool poison = false;
  bool compare = false;
  int rounds = 3;

  void declare(CLI::App& app);
};

void BenchOptions::declare(CLI::App& app) {
  app.add_option("--bin", bin, "Folder of inpaintd")->capture_default_str();
  app.add_option("--nats-server", nats_server, "The server, such as a newer one")->capture_default_str();
  app.add_option("--jobs", jobs, "Number of jobs, or of pictures in a round")->capture_default_str();
  app.add_option("--workers", workers, "Number of workers")->capture_default_str();
  app.add_option("--worker-kills", worker_kills, "Workers that are killed")->capture_default_str();
  app.add_option("--server-kills", server_kills, "Times that the server is killed")->capture_default_str();
  app.add_option("--seed", seed, "Of the random moments")->capture_default_str();
  app.add_flag("--poison", poison, "One picture more, which fails on every device");
  app.add_flag("--compare", compare, "Compare the throughput with that of plain requests; nothing is killed");
  app.add_option("--rounds", rounds, "Rounds of the comparison")->capture_default_str();
}

/// A nats-server with JetStream and workers, which can be killed and started again.
class Site {
 public:
  Site(const BenchOptions& options, const std::vector<std::string>& settings)
      : options_(options), settings_(settings), port_(or_throw(free_port())) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "nats.conf") << fmt::format(
        "listen: 127.0.0.1:{}\nmax_payload: 8MB\njetstream {{ store_dir: \"{}\" }}\n", port_, folder_.string());
    start_server();
    ConnectionOptions connection;
    connection.url = url();
    connection_ = or_throw(Connection::open(connection));
    Layout layout(*connection_, {}, 10s);
    for (const std::string& part : layout.parts()) or_throw(layout.make(part));
    for (int i = 0; i < options.workers; ++i) workers_.push_back(start_worker());
  }
  ~Site() {
    workers_.clear();
    connection_.reset();
    server_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  [[nodiscard]] std::string url() const { return fmt::format("nats://127.0.0.1:{}", port_); }
  Connection& connection() { return *connection_; }

  void kill_server() {
    server_->kill();
    std::this_thread::sleep_for(300ms);
    start_server();
  }
  void kill_worker(std::size_t index) {
    workers_[index]->kill();
    workers_[index] = start_worker();
  }

 private:
  void start_server() {
    server_ = or_throw(
        ChildProcess::start({options_.nats_server, "-c", folder_ / "nats.conf"}, folder_ / "nats.log", SIGKILL));
    while (!accepts_connections(port_)) std::this_thread::sleep_for(10ms);
  }
  std::unique_ptr<ChildProcess> start_worker() {
    std::vector<std::string> command{options_.bin + "/inpaintd", "--set", "nats.url=" + url(), "--set",
                                     "model.engine=null",        "--set", "http.listen=",      "--set",
                                     "device.warm_up=0ms"};
    for (const std::string& each : settings_) command.insert(command.end(), {"--set", each});
    return or_throw(ChildProcess::start(command, folder_ / "worker.log"));
  }

  const BenchOptions options_;
  const std::vector<std::string> settings_;
  const int port_;
  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / fmt::format("inpaintd-durable-{}", unique_id());
  std::unique_ptr<ChildProcess> server_;
  std::unique_ptr<Connection> connection_;
  std::vector<std::unique_ptr<ChildProcess>> workers_;
};

/// A grey picture, which the null engine never fails at and answers unchanged. The sizes differ, so that no two
/// requests are identical.
Request grey_request(int number, int level) {
  const int width = 40 + number % 211, height = 40 + number / 211 * 7;
  const auto pixels =
      std::make_shared<const std::string>(static_cast<std::size_t>(3 * width * height), static_cast<char>(level));
  Request request;
  request.id = fmt::format("{}.{}", owner, number);
  request.image = RawPixels{width, height, as_bytes(*pixels)};
  request.owner = pixels;
  request.mask = RectMask{{{8, 8, 9, 9}}};
  request.options.format = Format::png;
  request.timeout = timeout_max;
  return request;
}

void submit(Jobs& jobs, const Request& request) {
  for (;;) {
    const auto made = jobs.submit(request, Priority::normal);
    if (made) return;
    std::this_thread::sleep_for(200ms);  // the server is away
  }
}

/// Kills workers and the server at random moments, in a random order.
void kill_at_random(Site& site, const BenchOptions& options, const std::function<bool()>& done) {
  std::mt19937 random(options.seed);
  std::vector<bool> server(static_cast<std::size_t>(options.worker_kills + options.server_kills), false);
  std::fill_n(server.begin(), options.server_kills, true);
  std::shuffle(server.begin(), server.end(), random);
  for (std::size_t i = 0; i < server.size() && !done(); ++i) {
    std::this_thread::sleep_for(milliseconds(500 + random() % 4000));
    const auto worker = random() % static_cast<std::size_t>(options.workers);
    std::cout << fmt::format("kill {} of {}: {}\n", i + 1, server.size(),
                             server[i] ? std::string("the server") : fmt::format("worker {}", worker + 1))
              << std::flush;
    server[i] ? site.kill_server() : site.kill_worker(worker);
  }
}

/// Counts the ends of each job that workers tell; a worker tells one only when its state was the first last one.
class Endings {
 public:
  explicit Endings(Connection& connection) {
    subscription_.emplace(
        or_throw(connection.subscribe(job_ended_subject("inpaint", ">"), "", [this](const Message& message) {
          const std::lock_guard lock(mutex_);
          ++count_[std::string(message.subject())];
        })));
  }
  [[nodiscard]] int more_than_once() const {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(std::ranges::count_if(count_, [](const auto& each) { return each.second > 1; }));
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, int> count_;
  std::optional<Subscription> subscription_;
};

std::uint64_t messages(Connection& connection, std::string_view stream) {
  const auto info = or_throw(connection.request(fmt::format("$JS.API.STREAM.INFO.{}", stream), {}, 10s));
  const std::string text(info.data().begin(), info.data().end());
  const std::string key = "\"messages\":";
  return std::stoull(text.substr(text.find(key) + key.size()));
}

/// The last state of a job, also over ends of the server; nothing if it has none after a quarter of an hour.
std::optional<Jobs::State> end_of(Jobs& jobs, const std::string& id) {
  for (const TimePoint end = Clock::now() + std::chrono::minutes(15); Clock::now() < end;)
    if (auto state = jobs.wait(id, end, {})) return std::move(*state);
  return std::nullopt;
}

/// Whether the job has ended with its own picture.
bool has_picture(Jobs& jobs, ObjectStore& pictures, const Request& request, int& tries_max) {
  const auto state = end_of(jobs, request.id);
  if (!state) return false;
  tries_max = std::max(tries_max, state->deliveries - state->returned);
  const auto* done = std::get_if<wire::Done>(&state->reply);
  if (done == nullptr || !done->result) return false;
  const auto file = pictures.get(done->result->name);
  if (!file) return false;
  const auto got = decode_image(EncodedFile{as_bytes(*file)}, {}), sent = decode_image(request.image, {});
  return got && sent && got->rgb == sent->rgb;
}

int survive(const BenchOptions& options) {
  // Long enough runs that the kills fall between the first job and the last one.
  std::vector<std::string> settings{"model.null_pace=150ms+100ms"};
  if (options.poison) settings.emplace_back("model.null_faults=poison:1");
  Site site(options, settings);
  Jobs jobs(site.connection(), "inpaint", 5s);
  ObjectStore pictures(site.connection(), std::string(pictures_bucket), 10s);
  const Endings endings(site.connection());
  std::vector<Request> requests;
  for (int i = 0; i < options.jobs; ++i) requests.push_back(grey_request(i, 128));

  const TimePoint start = Clock::now();
  Request poisoned = grey_request(options.jobs, 77);
  poisoned.id = fmt::format("{}.{}", owner, poison_name);
  int right = 0, tries_max = 0;
  std::atomic<bool> done = false;
  std::thread client([&] {
    if (options.poison) submit(jobs, poisoned);
    for (const Request& each : requests) submit(jobs, each);
    for (const Request& each : requests) right += has_picture(jobs, pictures, each, tries_max) ? 1 : 0;
    done = true;
  });
  // In this thread, because a child ends with the thread that has started it.
  kill_at_random(site, options, [&] { return done.load(); });
  client.join();

  bool dead_alone = true;
  if (options.poison) {
    const auto end = end_of(jobs, poisoned.id);
    dead_alone = end && end->dead;
    if (end) std::cout << "the poisoned job: " << std::get<wire::Failed>(end->reply).error.message << '\n';
  }
  for (const TimePoint end = Clock::now() + std::chrono::minutes(2);
       messages(site.connection(), jobs_stream) > 0 && Clock::now() < end;)
    std::this_thread::sleep_for(100ms);
  const auto left = messages(site.connection(), jobs_stream), dead = messages(site.connection(), dead_jobs_stream);
  const int twice = endings.more_than_once();
  std::cout << fmt::format(
      "{} of {} jobs have their picture; {} ended more than once; {} left in the stream; {} dead; at most {} tries "
      "of one job; {:.0f} s\n",
      right, options.jobs, twice, left, dead, tries_max, std::chrono::duration<double>(Clock::now() - start).count());
  const bool good = right == options.jobs && twice == 0 && left == 0 && dead == (options.poison ? 1 : 0) && dead_alone;
  return good ? exit_ok : exit_failed;
}

/// Sends all requests at once from a few threads, and returns the pictures a second.
double plain_rate(Site& site, const std::vector<Request>& requests) {
  std::atomic<std::size_t> next = 0, failed = 0;
  const TimePoint start = Clock::now();
  std::vector<std::thread> clients;
  constexpr int clients_count = 32;
  for (int i = 0; i < clients_count; ++i)
    clients.emplace_back([&] {
      for (std::size_t at; (at = next++) < requests.size();) {
        const auto answer =
            site.connection().request(run_subject("inpaint"), as_bytes(wire::encode_request(requests[at])), 60s);
        const auto reply = answer ? wire::decode_reply(answer->data()) : Result<wire::Reply>(answer.error());
        if (!reply || !std::holds_alternative<wire::Done>(*reply)) ++failed;
      }
    });
  for (auto& each : clients) each.join();
  if (failed > 0) throw std::runtime_error(fmt::format("{} plain requests failed", failed.load()));
  return static_cast<double>(requests.size()) / std::chrono::duration<double>(Clock::now() - start).count();
}

double durable_rate(Site& site, const std::vector<Request>& requests) {
  Jobs jobs(site.connection(), "inpaint", 30s);
  std::atomic<std::size_t> next = 0, ended = 0;
  const auto hints =
      or_throw(site.connection().subscribe(job_ended_subject("inpaint", ">"), "", [&](const Message&) { ++ended; }));
  const TimePoint start = Clock::now();
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i)
    clients.emplace_back([&] {
      for (std::size_t at; (at = next++) < requests.size();) submit(jobs, requests[at]);
    });
  for (auto& each : clients) each.join();
  while (ended < requests.size()) std::this_thread::sleep_for(1ms);
  return static_cast<double>(requests.size()) / std::chrono::duration<double>(Clock::now() - start).count();
}

int compare(const BenchOptions& options) {
  Site site(options, {"model.null_pace=20ms+5ms"});
  // The first request waits until a worker serves.
  while (!site.connection().request(run_subject("inpaint"), as_bytes(wire::encode_request(grey_request(0, 1))), 1s))
    std::this_thread::sleep_for(100ms);
  for (int round = 0; round < options.rounds; ++round) {
    std::vector<Request> plain, durable;
    for (int i = 0; i < options.jobs; ++i) {
      plain.push_back(grey_request(i, 2 + 2 * round));
      durable.push_back(grey_request(i, 3 + 2 * round));
      durable.back().id = fmt::format("{}.{}-{}", owner, round, i);
      plain.back().id = fmt::format("{}-{}", round, i);
    }
    const double requests = plain_rate(site, plain), jobs = durable_rate(site, durable);
    std::cout << fmt::format("plain requests {:.1f}/s, durable jobs {:.1f}/s: {:.2f}\n", requests, jobs,
                             jobs / requests)
              << std::flush;
  }
  return exit_ok;
}

}  // namespace
}  // namespace inpaintd::tools

int main(int argc, char** argv) {
  using namespace inpaintd::tools;
  BenchOptions options;
  CLI::App app("Durable jobs while workers and the NATS server are killed, or beside plain requests.", "durable-jobs");
  options.declare(app);
  if (const auto exit_code = parse_command_line(app, argc, argv)) return *exit_code;
  try {
    return options.compare ? compare(options) : survive(options);
  } catch (const std::exception& error) {
    return complain(error.what());
  }
}
