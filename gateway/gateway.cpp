// SPDX-License-Identifier: Apache-2.0
#include "gateway/gateway.h"

#include <spdlog/spdlog.h>

#include <functional>
#include <thread>
#include <utility>

#include "gateway/metrics.h"
#include "gateway/static_files.h"
#include "gateway/tasks/nats_port.h"
#include "gateway/tasks/random_id.h"
#include "monitoring/log.h"

namespace inpaintd::gateway {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr milliseconds tick_interval = 50ms;
// At the end: for clients that fetch the result they were just told about, and for streams to take their last event.
constexpr milliseconds fetch_time = 1s;
constexpr milliseconds close_time = 2s;

void log_end(const std::string& id, const TaskState& state, Microseconds time) {
  const auto* problem = std::get_if<Problem>(&state);
  const std::string name = log_name(id), code = problem == nullptr ? "done" : problem->code;
  const LogScope scope({{"task", name}, {"code", code}, {"ms", time.count() / 1000}});
  problem == nullptr ? spdlog::info("task ended") : spdlog::info("task ended: {}", problem->message);
}

bool eventually(milliseconds limit, const std::function<bool()>& condition) {
  const TimePoint end = Clock::now() + limit;
  while (!condition()) {
    if (Clock::now() >= end) return false;
    std::this_thread::sleep_for(20ms);
  }
  return true;
}

}  // namespace

class Gateway::Impl {
 public:
  Impl(const GatewaySettings& all, const std::string& version) : settings(all), metrics(version) {}
  ~Impl() { end(); }

  // In this order, because each member is used by those after it. Coroutines are destroyed with the loop.
  const GatewaySettings settings;
  EventLoop loop;
  EventLoop store{4};  // its threads move pictures to and from the object store, so that nothing else waits for them
  EventLoop looks{2};  // its threads wait for small answers of JetStream
  Metrics metrics;
  std::unique_ptr<NatsPort> port;
  std::unique_ptr<MemoryTasks> memory;
  std::unique_ptr<JobTasks> jobs;  // null: tasks are kept in memory
  std::unique_ptr<AllTasks> tasks;
  std::unique_ptr<Api> api;
  std::unique_ptr<HttpServer> server;

  void make_tasks(RetryPolicy retry) {
    const auto finished = [this](const std::string& id, const TaskState& state, Microseconds time) {
      const auto* problem = std::get_if<Problem>(&state);
      metrics.count_task(problem == nullptr ? "done" : problem->code, time);
      log_end(id, state, time);
    };
    memory = std::make_unique<MemoryTasks>(
        *port, std::move(retry), settings.requester, settings.tasks, [this] { return port->request_max(); },
        [] { return Clock::now(); }, finished);
    loop.run([this] { port->attach(memory->requester()); });
    if (settings.task_place != TaskPlace::memory)
      jobs = std::make_unique<JobTasks>(JobTasks::Parts{port->connection(), settings.prefix,
                                                        [this] { return port->connected(); }, loop, looks, store,
                                                        settings.tasks, finished});
    tasks = std::make_unique<AllTasks>(settings.task_place, *memory, jobs.get());
    api = std::make_unique<Api>(
        *tasks, loop, Access(settings.access), StaticFiles(settings.page), metrics, [this] { return gauges(); },
        settings.api);
    loop.run([this] { tick(); });
  }

  /// Tasks that would be lost if the gateway ended now.
  std::size_t open_tasks() {
    std::size_t open = 0;
    loop.run([&] { open = memory->open() + (jobs == nullptr ? 0 : jobs->storing()); });
    return open;
  }

  std::size_t drain() {
    loop.run([this] { api->drain(); });
    const bool any = open_tasks() > 0;
    const bool all = eventually(settings.drain_timeout, [this] { return open_tasks() == 0; });
    if (any && all) std::this_thread::sleep_for(fetch_time);
    const std::size_t left = open_tasks();
    loop.run([this] {
      server->stop_accepting();
      server->close_streams();
    });
    (void)eventually(close_time, [this] {
      std::size_t connections = 0;
      loop.run([&] { connections = server->counts().connections; });
      return connections == 0;
    });
    end();
    return left;
  }

 private:
  void tick() {
    memory->tick();
    if (jobs != nullptr) jobs->tick();
    loop.after(tick_interval, [this] { tick(); });
  }

  [[nodiscard]] Gauges gauges() const {
    const HttpCounts counts = server == nullptr ? HttpCounts{} : server->counts();
    Gauges now{counts.connections, counts.streams,  counts.body_bytes, memory->open(),
               memory->count(),    memory->bytes(), port->connected(), tasks->obstacle()};
    if (jobs != nullptr) {
      now.open_tasks += jobs->open();
      now.tasks += jobs->count();
      now.task_bytes += jobs->bytes();
    }
    return now;
  }

  void end() {
    loop.stop();
    store.stop();
    looks.stop();
    if (jobs != nullptr) jobs->close();
    if (port != nullptr) port->close();
  }
};

Gateway::Gateway(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Gateway::~Gateway() = default;

Result<std::unique_ptr<Gateway>> Gateway::start(const GatewaySettings& settings, RetryPolicy retry,
                                                const std::string& version) {
  auto impl = std::make_unique<Impl>(settings, version);
  auto port = NatsPort::open(settings.nats, settings.prefix, impl->loop, impl->store);
  if (!port) return std::move(port.error());
  impl->port = std::move(*port);
  impl->make_tasks(std::move(retry));
  auto server = HttpServer::start(impl->loop, settings.listen, *impl->api, settings.limits);
  if (!server) {
    Error error = std::move(server.error());
    error.message += "; name a free numeric HOST:PORT with --listen, such as 127.0.0.1:8080";
    return error;
  }
  impl->loop.run([&] { impl->server = std::move(*server); });
  return std::unique_ptr<Gateway>(new Gateway(std::move(impl)));
}

int Gateway::port() const { return impl_->server->port(); }
bool Gateway::given_up() const { return impl_->port->given_up(); }
bool Gateway::worker_answers(milliseconds timeout) const { return impl_->port->worker_answers(timeout); }
std::size_t Gateway::drain() { return impl_->drain(); }

}  // namespace inpaintd::gateway
