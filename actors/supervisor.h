// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/device.h"
#include "actors/health.h"
#include "actors/messages.h"
#include "actors/metrics.h"

namespace inpaintd {

/// One place for a device actor: what it is called and how its engine is made.
struct DeviceSlot {
  std::string name;
  EngineFactory factory;
};

/// Keeps one device actor running in every slot. One that ends is started again after a back-off that doubles from
/// half a second to half a minute and begins anew once the device was ready. The state of every slot stands on the
/// health board.
class Supervisor : public caf::event_based_actor {
 public:
  /// How device actors are spawned: detached in the service, by the deterministic scheduler in tests.
  using Spawn = std::function<caf::actor(Supervisor& self, const EngineFactory& factory)>;

  Supervisor(caf::actor_config& config, std::vector<DeviceSlot> slots, Spawn spawn, std::shared_ptr<HealthBoard> board,
             std::shared_ptr<Metrics> metrics);

  const char* name() const override { return "supervisor"; }

 protected:
  caf::behavior make_behavior() override;

 private:
  struct Place {
    DeviceSlot slot;
    caf::actor actor;
    int failures = 0;  ///< in a row
  };

  void start(std::size_t index);
  void ready(const DeviceFacts& facts);
  void down(const caf::down_msg& message);
  void stop_all(const caf::error& reason);

  std::vector<Place> places_;
  const Spawn spawn_;
  const std::shared_ptr<HealthBoard> board_;
  const std::shared_ptr<Metrics> metrics_;
};

}  // namespace inpaintd
