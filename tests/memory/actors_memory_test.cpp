// SPDX-License-Identifier: Apache-2.0
// Memory runs out in the middle of the pipeline: every request is answered exactly once, and the service continues to
// work.
#include <array>
#include <numeric>

#include "actors/batcher.h"
#include "actors/gate.h"
#include "actors/guard.h"
#include "actors/ingress.h"
#include "actors/supervisor.h"
#include "bus/wire/wire.h"
#include "tests/actors/fixture.h"
#include "tests/actors/message.h"
#include "tests/memory/failing_allocation.h"

using namespace inpaintd;
using namespace inpaintd::test;

namespace {

/// The whole pipeline without NATS, on the deterministic scheduler. Inboxes have names of one letter.
class Pipeline : public ActorFixture {
 public:
  explicit Pipeline(ScriptedEngine::Run engine) {
    const Publish publish = [this](const std::string& inbox, Bytes, const Headers&) -> Status {
      ++answers[static_cast<std::size_t>(inbox[0] - 'a')];  // needs no memory, so that every sent answer is counted
      return Ok{};
    };
    const auto outbox = std::make_shared<const Outbox>(publish, metrics_);
    const std::vector<caf::actor> repliers{
        system.spawn<Replier>(Replier::Parts{"test", outbox, metrics_, reuse_, intake_})};
    const DispatcherSettings settings{{.size_max = 4, .wait_max = 5ms, .adaptive = false}};
    batcher_ = system.spawn<Batcher>(settings, Repliers(repliers), queues_, admission, cancellations_);
    const auto ingress = system.spawn<Ingress>(
        IngressSettings{}, Ingress::Parts{intake_, cancellations_, reuse_, Repliers(repliers), batcher_});
    const auto spawn = [this, repliers](Supervisor& self, const EngineFactory& make) {
      return self.spawn<Device>(make, WarmUpSettings{}, batcher_, caf::actor_cast<caf::actor>(&self),
                                Repliers(repliers));
    };
    const auto make = [engine]() -> Result<std::unique_ptr<Inpainter>, EngineFailure> {
      return std::unique_ptr<Inpainter>(std::make_unique<ScriptedEngine>(engine));
    };
    const auto supervisor = system.spawn<Supervisor>(std::vector{DeviceSlot{"test", make}}, spawn, board_, metrics_);
    gate.emplace(
        Gate::Parts{admission, intake_, cancellations_, reuse_, outbox, metrics_, Repliers(repliers), batcher_});
    actors_ = {supervisor, ingress, batcher_, repliers[0]};
    run();
  }
  ~Pipeline() {
    for (const auto& actor : actors_) {
      exit(actor);
      run();
    }
  }

  /// A request with 16x16 pixels of one shade; requests of the same shade are identical.
  static Message request(const std::string& inbox, std::uint8_t shade) {
    const Pixels picture(16, 16, 3, shade);
    Request request;
    request.id = inbox;
    request.image = RawPixels{16, 16, picture.bytes};
    request.mask = RectMask{{{4, 4, 4, 4}}};
    return make_message("run", inbox, wire::encode_request(request));
  }
  template <class Atom>
  void tell_batcher(Atom atom) {
    caf::anon_send(batcher_, atom);
  }
  /// Advances the clock far enough for restarts of devices and for every deadline.
  void settle() {
    for (int second = 0; second < 70; ++second) advance(1s);
  }

  std::array<int, 26> answers{};
  std::shared_ptr<Admission> admission = std::make_shared<Admission>(100, 1 << 20);
  std::optional<Gate> gate;

 private:
  std::shared_ptr<Metrics> metrics_ = std::make_shared<Metrics>();
  std::shared_ptr<QueueBoard> queues_ = std::make_shared<QueueBoard>();
  std::shared_ptr<HealthBoard> board_ = std::make_shared<HealthBoard>(std::vector<std::string>{"test"});
  std::shared_ptr<Intake> intake_ = std::make_shared<Intake>(1);
  std::shared_ptr<Cancellations> cancellations_ = std::make_shared<Cancellations>();
  std::shared_ptr<Reuse> reuse_ =
      std::make_shared<Reuse>(inpaintd::Config::Cache{.bytes_max = 1 << 20, .mask_bytes_max = 0}, metrics_);
  caf::actor batcher_;
  std::vector<caf::actor> actors_;
};

/// Calls `story(pipeline)` with the first allocation failing, then with the second, and so on. `story` sends requests
/// to the inboxes "a", "b" and "c".
template <class Story>
void check_every_allocation(const ScriptedEngine::Run& engine, Story story) {
  bool happened = true;
  for (int number = 0; happened; ++number) {
    CAPTURE(number);
    Pipeline pipeline(engine);
    {
      const FailingAllocation failing(number, FailingAllocation::How::once);
      contained("test", [&] { story(pipeline); });
      happened = failing.happened();
    }
    pipeline.settle();
    CHECK(pipeline.answers[0] == 1);
    CHECK(pipeline.answers[1] == 1);
    CHECK(pipeline.answers[2] == 1);
    CHECK(pipeline.admission->requests() == 0);
    pipeline.gate->request(Priority::normal, Pipeline::request("d", 9));
    pipeline.settle();
    CHECK(pipeline.answers[3] == 1);
  }
}

Result<std::vector<Pixels>, EngineFailure> works(std::span<const NetworkInput> batch) { return black(batch); }

}  // namespace

TEST_CASE("whichever allocation fails while requests are processed, each request gets exactly one answer") {
  // Two identical requests, and a different one.
  const std::array messages{Pipeline::request("a", 1), Pipeline::request("b", 1), Pipeline::request("c", 2)};
  check_every_allocation(works, [&](Pipeline& pipeline) {
    for (const Message& each : messages) pipeline.gate->request(Priority::normal, each);
    pipeline.run();
    pipeline.advance(5ms);
  });
}

TEST_CASE("whichever allocation fails around a cancel, each request gets exactly one answer") {
  const std::array messages{Pipeline::request("a", 1), Pipeline::request("b", 1), Pipeline::request("c", 2)};
  const Message cancel_b = make_message("cancel", "", wire::encode_cancel("b"));
  const Message cancel_c = make_message("cancel", "", wire::encode_cancel("c"));
  check_every_allocation(works, [&](Pipeline& pipeline) {
    pipeline.gate->request(Priority::high, messages[0]);
    pipeline.gate->request(Priority::normal, messages[1]);
    pipeline.gate->request(Priority::low, messages[2]);
    pipeline.run();
    pipeline.gate->cancel(cancel_b);
    pipeline.gate->cancel(cancel_c);
    pipeline.run();
  });
}

// The engine fails instead of crashing, because CAF cannot end an actor without memory.
TEST_CASE("whichever allocation fails while a batch fails and is run in parts, each request gets exactly one answer") {
  const std::array messages{Pipeline::request("a", 1), Pipeline::request("b", 2), Pipeline::request("c", 3)};
  const auto fails_together = [](std::span<const NetworkInput> batch) -> Result<std::vector<Pixels>, EngineFailure> {
    if (batch.size() > 1) return EngineFailure{EngineFailure::Kind::failed, "too many at once"};
    return works(batch);
  };
  check_every_allocation(fails_together, [&](Pipeline& pipeline) {
    for (const Message& each : messages) pipeline.gate->request(Priority::normal, each);
    pipeline.run();
    pipeline.advance(5ms);
  });
}
