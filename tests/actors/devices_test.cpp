// SPDX-License-Identifier: Apache-2.0
// Several replicas in one process, each on a thread of its own, as in the service.
#include <condition_variable>
#include <mutex>
#include <set>

#include "actors/batcher.h"
#include "actors/supervisor.h"
#include "tests/actors/fixture.h"
#include "tests/support/eventually.h"

using namespace inpaintd;
using namespace inpaintd::test;

namespace {

using Failure = EngineFailure;
using Answers = Result<std::vector<Pixels>, Failure>;

// Where all of a number of threads must be at the same time to get on.
class Meeting {
 public:
  explicit Meeting(int expected) : expected_(expected) {}
  /// Returns false if the other replicas do not arrive, that is, if they do not run at the same time.
  bool attend() {
    std::unique_lock lock(mutex_);
    ++present_;
    all_there_.notify_all();
    return all_there_.wait_for(lock, 20s, [this] { return present_ >= expected_; });
  }

 private:
  const int expected_;
  int present_ = 0;
  std::mutex mutex_;
  std::condition_variable all_there_;
};

// Real threads, real time; nothing here depends on how long something takes.
struct ThreadsFixture {
  struct Config : caf::actor_system_config {
    Config() {
      set("scheduler.policy", caf::atom("sharing"));
      set("scheduler.max-threads", 1u);
      load<caf::id_block::inpaintd>();
    }
  };
  ThreadsFixture() {
    spdlog::set_level(spdlog::level::off);
    sink = system.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {
          [this](const Outcome& outcome) {
            const std::lock_guard lock(mutex);
            ends.push_back(outcome.ticket.id + (outcome.error() ? ": failed" : ": ok"));
          },
          [](const Progress&) {},
      };
    });
    const DispatcherSettings settings{{.size_max = 4, .wait_max = 0ms, .adaptive = false}};
    batcher = system.spawn<Batcher>(settings, Repliers({sink}));
  }
  ~ThreadsFixture() {
    for (const auto& actor : {supervisor, batcher, sink}) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  }
  void start(int replicas, const std::function<Answers(int replica, std::span<const NetworkInput>)>& run) {
    const auto spawn = [this](Supervisor& self, const EngineFactory& make) {
      return self.spawn<Device, caf::detached>(make, WarmUpSettings{}, batcher, caf::actor_cast<caf::actor>(&self),
                                               Repliers({sink}));
    };
    std::vector<DeviceSlot> slots;
    for (int replica = 0; replica < replicas; ++replica)
      slots.push_back({"cpu", [run, replica]() -> Result<std::unique_ptr<Inpainter>, Failure> {
                         const auto script = [run, replica](auto batch) { return run(replica, batch); };
                         return std::unique_ptr<Inpainter>(std::make_unique<ScriptedEngine>(script));
                       }});
    board = std::make_shared<HealthBoard>(std::vector<std::string>(slots.size(), "cpu"));
    supervisor = system.spawn<Supervisor>(slots, spawn, board, std::make_shared<Metrics>());
    REQUIRE(eventually([this] {
      const Health devices = board->read();
      return std::all_of(devices.begin(), devices.end(),
                         [](const auto& each) { return each.state == DeviceHealth::State::ready; });
    }));
  }
  void send(int jobs) {
    for (int i = 0; i < jobs; ++i) {
      Input input;
      input.tiles.push_back({{0, 0, 64, 64},
                             {64, 64},
                             std::make_shared<Pixels>(64, 64, 3),
                             std::make_shared<Pixels>(64, 64, 1, std::uint8_t{255})});
      Ticket ticket;
      ticket.id = std::to_string(i);
      ticket.received = Clock::now();
      ticket.deadline = Clock::now() + 60s;
      caf::anon_send(batcher,
                     std::make_shared<Job>(ticket, std::make_shared<const Input>(std::move(input)), Microseconds{}));
    }
  }
  std::size_t ended() {
    const std::lock_guard lock(mutex);
    return ends.size();
  }

  Config config;
  caf::actor_system system{config};
  caf::actor sink, batcher, supervisor;
  std::shared_ptr<HealthBoard> board;
  std::mutex mutex;
  std::vector<std::string> ends;
};

}  // namespace

TEST_CASE_FIXTURE(ThreadsFixture, "three replicas run at the same time") {
  Meeting meeting(3);
  std::atomic<int> lonely{0};
  start(3, [&](int, auto batch) -> Answers {
    if (!meeting.attend()) ++lonely;
    return black(batch);
  });
  send(12);
  CHECK(eventually([this] { return ended() == 12; }));
  CHECK(lonely == 0);
}

TEST_CASE_FIXTURE(ThreadsFixture,
                  "another replica computes the tasks of a replica that fails, and every job gets one answer") {
  // The first replica that runs fails, and all later runs succeed.
  std::atomic<bool> killed{false};
  std::set<int> workers;
  start(2, [&](int replica, auto batch) -> Answers {
    if (!killed.exchange(true)) throw std::runtime_error("killed");
    const std::lock_guard lock(mutex);
    workers.insert(replica);
    return black(batch);
  });
  send(40);
  CHECK(eventually([this] { return ended() == 40; }));
  const std::lock_guard lock(mutex);
  std::map<std::string, int> answers;
  for (const auto& end : ends) ++answers[end];
  CHECK(answers.size() == 40);
  for (const auto& [end, count] : answers) {
    CAPTURE(end);
    CHECK(end.ends_with(": ok"));
    CHECK(count == 1);
  }
}
