// SPDX-License-Identifier: Apache-2.0
#include "actors/service.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "actors/batcher.h"
#include "actors/device.h"
#include "actors/durable_jobs.h"
#include "actors/gate.h"
#include "actors/ingress.h"
#include "actors/intake.h"
#include "actors/outbox.h"
#include "actors/replier.h"
#include "actors/reuse.h"
#include "actors/setup.h"
#include "actors/subscriptions.h"
#include "actors/supervisor.h"
#include "actors/watch.h"
#include "bus/subjects.h"
#include "monitoring/endpoints.h"
#include "monitoring/metered_inpainter.h"
#include "monitoring/monitor.h"
#include "scheduling/cancellations.h"

namespace inpaintd {
namespace {

constexpr std::chrono::seconds load_timeout{600};

ConnectionEvents connection_events(const std::shared_ptr<std::atomic<bool>>& given_up) {
  ConnectionEvents events;
  events.disconnected = [](const std::string& reason) {
    spdlog::warn("the connection to NATS is lost{}{}; reconnecting", reason.empty() ? "" : ": ", reason);
  };
  events.reconnected = [](const std::string& url) { spdlog::info("connected to NATS at {}", url); };
  events.given_up = [given_up] { *given_up = true; };
  events.error = [](const std::string& what) { spdlog::warn("NATS: {}", what); };
  return events;
}

/// Without its requests a worker is of no use: their denial ends it. The log names every other denial.
std::function<void(const Denial&)> end_without_requests(const std::string& prefix,
                                                        const std::shared_ptr<std::atomic<bool>>& given_up) {
  return [given_up, prefix](const Denial& denial) {
    if (denial.operation != Denial::Operation::subscribe) return;
    for (const Priority priority : {Priority::normal, Priority::high, Priority::low})
      if (denial.subject == run_subject(prefix, priority)) *given_up = true;
  };
}

std::vector<std::string> names(const std::vector<DeviceSlot>& slots) {
  std::vector<std::string> names;
  for (const auto& slot : slots) names.push_back(slot.name);
  return names;
}

// Every stage of the pipeline has a thread of its own, because codecs and engines block and the batcher is busy. The
// scheduler runs the supervisor only, so that nothing delays the messages of devices to the supervisor.
struct SystemConfig : caf::actor_system_config {
  SystemConfig() {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", 1u);
    load<caf::id_block::inpaintd>();
  }
};

}  // namespace

class Service::Impl {
 public:
  Impl(const Config& config, std::string version, std::unique_ptr<Connection> connection,
       std::shared_ptr<const std::atomic<bool>> given_up)
      : config_(config),
        version_(std::move(version)),
        connection_(std::move(connection)),
        given_up_(std::move(given_up)),
        admission_(std::make_shared<Admission>(config.service.in_flight_max, config.service.in_flight_bytes_max)) {}

  ~Impl() { drain(); }

  Status run(const StopRequested& stop_requested);
  std::size_t drain();

  const Config config_;
  const std::string version_;
  const std::string id_ = unique_id();
  const std::shared_ptr<Connection> connection_;
  const std::shared_ptr<const std::atomic<bool>> given_up_;
  std::shared_ptr<void> denials_;
  const std::shared_ptr<Metrics> metrics_ = std::make_shared<Metrics>(config_.image.window_sides);
  const std::shared_ptr<Admission> admission_;
  std::shared_ptr<HealthBoard> board_;
  std::unique_ptr<ProbeServer> http_;

 private:
  void watch(std::vector<DeviceSlot>& slots);
  void spawn_pipeline();
  Status load_devices(const std::vector<DeviceSlot>& slots, const StopRequested& stop_requested);
  Publish publisher() const;
  std::shared_ptr<DurableJobs> durable_jobs() const;
  std::size_t answer_all();
  void end_actors();
  bool wait_until_answered(TimePoint end) const;
  bool nothing_will_work() const;

  SystemConfig system_config_;
  caf::actor_system system_{system_config_};
  const std::shared_ptr<DurableJobs> jobs_ = durable_jobs();
  const std::shared_ptr<const Outbox> outbox_ = std::make_shared<Outbox>(publisher(), metrics_);
  const std::shared_ptr<Reuse> reuse_ = std::make_shared<Reuse>(config_.cache, metrics_);
  const std::shared_ptr<Intake> intake_ =
      std::make_shared<Intake>(static_cast<std::size_t>(config_.service.ingress_threads));
  const std::shared_ptr<Cancellations> cancellations_ = std::make_shared<Cancellations>();
  std::vector<caf::actor> replier_actors_;
  std::vector<caf::actor> ingresses_;
  caf::actor batcher_;
  caf::actor supervisor_;
  std::shared_ptr<Gate> gate_;
  Subscriptions subscriptions_{connection_, config_.nats};
  const std::shared_ptr<QueueBoard> queues_ = std::make_shared<QueueBoard>();
  std::shared_ptr<Monitor> monitor_;
  bool drained_ = false;
};

Publish Service::Impl::publisher() const {
  return [connection = connection_, jobs = jobs_](const std::string& inbox, Bytes data, const Headers& headers) {
    return is_acknowledgement(inbox) ? jobs->tell(inbox, data) : connection->publish(inbox, data, headers);
  };
}

std::shared_ptr<DurableJobs> Service::Impl::durable_jobs() const {
  const double places = config_.jobs.share * static_cast<double>(config_.service.in_flight_max);
  return std::make_shared<DurableJobs>(DurableJobs::Parts{connection_, config_.nats.prefix, config_.jobs,
                                                          std::max<std::size_t>(1, std::lround(places)), metrics_});
}

Status Service::Impl::run(const StopRequested& stop_requested) {
  auto slots = device_slots(config_);
  watch(slots);
  spawn_pipeline();
  if (Status loaded = load_devices(slots, stop_requested); !loaded) return loaded;
  gate_ = std::make_shared<Gate>(
      Gate::Parts{admission_, intake_, cancellations_, reuse_, outbox_, metrics_, Repliers(replier_actors_), batcher_});
  if (Status subscribed = subscriptions_.subscribe_requests(gate_); !subscribed) return subscribed;
  const auto stats = [weak = std::weak_ptr(monitor_)] {
    const auto monitor = weak.lock();
    return monitor ? monitor->endpoint_stats() : discovery::EndpointStats{};
  };
  if (Status subscribed = subscriptions_.subscribe_discovery(id_, version_, stats); !subscribed) return subscribed;
  // A service counts as ready when the server knows its subscriptions. A server that cannot be reached yet learns them
  // when the connection is made.
  if (connection_->connected()) (void)connection_->flush(std::chrono::seconds(5));
  jobs_->start([weak = std::weak_ptr(gate_)](Message message, Ticket promised) {
    if (const auto open = weak.lock()) open->request(Priority::low, std::move(message), std::move(promised));
  });
  monitor_->enter(Phase::serving);
  return Ok{};
}

void Service::Impl::spawn_pipeline() {
  const StoredPictures store = stored_pictures(connection_, config_.objects.timeout);
  for (int i = 0; i < config_.service.reply_threads; ++i)
    replier_actors_.push_back(
        system_.spawn<Replier, caf::detached>(Replier::Parts{id_, outbox_, metrics_, reuse_, intake_, store}));
  const Repliers repliers(replier_actors_);
  batcher_ = system_.spawn<Batcher, caf::detached>(config_.batch, repliers, queues_, admission_, cancellations_);
  const auto payload_max = [connection = connection_] { return connection->max_payload(); };
  const Ingress::Parts parts{intake_, cancellations_, reuse_, repliers, batcher_, store, payload_max};
  for (int i = 0; i < config_.service.ingress_threads; ++i)
    ingresses_.push_back(system_.spawn<Ingress, caf::detached>(
        IngressSettings{config_.image, config_.image, config_.objects.bytes_max, config_.service.timeout_default},
        parts));
  watch_over(batcher_, "the batcher", board_);
  for (const auto& replier : replier_actors_) watch_over(replier, "a replier", board_);
  for (const auto& ingress : ingresses_) watch_over(ingress, "an ingress", board_);
}

// Monitoring starts before the devices load, because large weights take long to load and operators watch the start.
void Service::Impl::watch(std::vector<DeviceSlot>& slots) {
  board_ = std::make_shared<HealthBoard>(names(slots));
  std::vector<std::shared_ptr<const DeviceLoad>> loads;
  for (DeviceSlot& slot : slots) {
    const auto load = std::make_shared<DeviceLoad>(Clock::now());
    slot.factory = metered(std::move(slot.factory), load, metrics_);
    loads.push_back(load);
  }
  monitor_ = std::make_shared<Monitor>(Monitor::Parts{version_, id_, metrics_, admission_, connection_, queues_, board_,
                                                      std::move(loads), subscriptions_.list()});
  if (config_.http.listen.empty()) return;
  auto server = ProbeServer::start(config_.http.listen, probes(*monitor_));
  // A worker without metrics can still work: several workers of one machine may have been given the same address.
  if (!server) return spdlog::warn("metrics and probes are not served: {}", server.error().message);
  http_ = std::move(*server);
  spdlog::info("metrics and probes on port {} of {}: /metrics, /healthz, /readyz", http_->port(), config_.http.listen);
}

Status Service::Impl::load_devices(const std::vector<DeviceSlot>& slots, const StopRequested& stop_requested) {
  const auto spawn = [batcher = batcher_, repliers = Repliers(replier_actors_),
                      warm_up =
                          WarmUpSettings{config_.device.warm_up, config_.batch.size_max, config_.image.window_sides}](
                         Supervisor& self, const EngineFactory& factory) {
    const auto supervisor = caf::actor_cast<caf::actor>(&self);
    return self.spawn<Device, caf::detached>(factory, warm_up, batcher, supervisor, repliers);
  };
  supervisor_ = system_.spawn<Supervisor>(slots, spawn, board_, metrics_);
  watch_over(supervisor_, "the supervisor", board_);
  for (const TimePoint end = Clock::now() + load_timeout; Clock::now() < end;) {
    if (stop_requested && stop_requested())
      return Error{ErrorCode::shutting_down, "the service was stopped while it loaded its model"};
    switch (board_->wait_for_first_ready(std::chrono::milliseconds(50))) {
      case HealthBoard::FirstReady::ready:
        return Ok{};
      case HealthBoard::FirstReady::all_failed: {
        std::string message = "no device could load its model:";
        for (const auto& device : board_->read()) message += "\n  " + device.name + ": " + device.last_error;
        return Error{ErrorCode::internal, message};
      }
      case HealthBoard::FirstReady::not_yet:
        break;
    }
  }
  return Error{ErrorCode::internal,
               fmt::format("no device loaded its model within {} seconds; see the log, or use a smaller model",
                           load_timeout.count())};
}

std::size_t Service::Impl::drain() {
  if (std::exchange(drained_, true)) return 0;
  if (monitor_) monitor_->enter(Phase::draining);
  // Without a server no message can arrive. A request that comes with a new connection is refused as shutting_down.
  if (connection_->connected()) subscriptions_.drain(std::chrono::seconds(2));
  jobs_->stop_pulling();
  admission_->close();
  const std::size_t abandoned = batcher_ ? answer_all() : 0;
  end_actors();
  jobs_->finish();
  (void)connection_->flush(std::chrono::seconds(10));  // the answers, also on a machine that is short of CPU time
  http_ = nullptr;                                     // before the objects that the server reads
  subscriptions_.clear();
  gate_ = nullptr;
  return abandoned;
}

// Returns the number of requests that had to be refused after all others were answered.
std::size_t Service::Impl::answer_all() {
  // Long enough to decode or encode one large picture. The time starts anew whenever a request was answered.
  constexpr std::chrono::seconds time_to_refuse{10};
  const TimePoint end = Clock::now() + config_.service.drain_timeout;
  caf::anon_send(batcher_, drain_atom_v);
  if (wait_until_answered(end)) return 0;
  const std::size_t abandoned = admission_->requests();
  spdlog::warn("{} requests cannot be computed within service.drain_timeout; they are answered shutting_down",
               abandoned);
  // The remaining time is used to encode pictures that devices have computed.
  admission_->end(Ending::no_new_work);
  caf::anon_send(batcher_, abandon_atom_v);
  if (const auto left = end - Clock::now(); left > Clock::duration::zero())
    admission_->wait_until_empty(std::chrono::duration_cast<std::chrono::milliseconds>(left));
  admission_->end(Ending::only_refusals);
  for (std::size_t left = admission_->requests(); !admission_->wait_until_empty(time_to_refuse);) {
    const std::size_t before = std::exchange(left, admission_->requests());
    if (left == before) break;
  }
  return abandoned;
}

// Each stage ends before the stage that it sends to, so that no message is lost. Devices are not waited for: a device
// may be in the middle of a batch whose requests have all been answered.
void Service::Impl::end_actors() {
  if (supervisor_) caf::anon_send_exit(supervisor_, caf::exit_reason::user_shutdown);
  for (const auto& stage : {ingresses_, std::vector<caf::actor>{batcher_}, replier_actors_}) {
    caf::scoped_actor self{system_};
    std::size_t left = 0;
    for (const auto& actor : stage) {
      if (!actor) continue;
      self->monitor(actor);
      caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
      ++left;
    }
    bool late = false;
    while (left > 0 && !late)
      self->receive([&](const caf::down_msg&) { --left; }, caf::after(std::chrono::seconds(5)) >> [&] { late = true; });
  }
  reuse_->flights.clear();
}

// Ends early when no device is left that could compute the requests.
bool Service::Impl::wait_until_answered(TimePoint end) const {
  constexpr std::chrono::milliseconds look_again{50};
  while (!admission_->wait_until_empty(look_again))
    if (Clock::now() >= end || nothing_will_work()) return false;
  return true;
}

bool Service::Impl::nothing_will_work() const {
  const Health devices = board_->read();
  return !board_->restart_reason().empty() && std::none_of(devices.begin(), devices.end(), [](const auto& device) {
    return device.state == DeviceHealth::State::ready;
  });
}

Service::Service(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Service::~Service() = default;

Result<std::unique_ptr<Service>> Service::start(const Config& config, const std::string& version,
                                                const StopRequested& stop_requested) {
  auto for_model = for_network(config);
  if (!for_model) return for_model.error();
  const auto given_up = std::make_shared<std::atomic<bool>>(false);
  auto connection = Connection::open(config.nats, connection_events(given_up));
  if (!connection) return connection.error();
  auto impl = std::make_unique<Impl>(sized(*std::move(for_model)), version, std::move(*connection), given_up);
  impl->denials_ = impl->connection_->watch_denials(end_without_requests(config.nats.prefix, given_up));
  if (Status running = impl->run(stop_requested); !running) return running.error();
  return std::unique_ptr<Service>(new Service(std::move(impl)));
}

std::size_t Service::drain() { return impl_->drain(); }
bool Service::cut_off() const { return *impl_->given_up_; }
bool Service::connected() const { return impl_->connection_->connected(); }
bool Service::confirm_subscriptions() const { return bool(impl_->connection_->flush(std::chrono::seconds(1))); }
std::string Service::nats_problem() const { return impl_->connection_->last_error(); }
std::string Service::restart_reason() const { return impl_->board_->restart_reason(); }
Health Service::health() const { return impl_->board_->read(); }
int Service::http_port() const { return impl_->http_ ? impl_->http_->port() : 0; }
const Metrics& Service::metrics() const { return *impl_->metrics_; }
const std::string& Service::id() const { return impl_->id_; }

}  // namespace inpaintd
