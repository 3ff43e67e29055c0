// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/device.h"
#include "actors/messages.h"
#include "monitoring/health_board.h"
#include "monitoring/metrics.h"

namespace inpaintd {

/// A numbered position for one device actor: the name of the device, and the factory of its engine.
struct DeviceSlot {
  std::string name;
  EngineFactory factory;
};

/// Keeps one device actor running in every slot, and writes the state of every slot to the health board.
///
/// A device that ends is started again after a back-off. The back-off doubles from half a second to half a minute, and
/// starts again at half a second after a device has worked for a minute. A device that hangs keeps its thread, because
/// no thread can be ended from outside: its slot is out of service until the device comes back. A lost device cannot be
/// used again by this process. The supervisor asks for a new process, on the board, when a device is lost, and when a
/// device hangs and no other one works.
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
    int failures = 0;         ///< in a row
    TimePoint ready_since{};  ///< TimePoint{}: not ready
    std::string device;       ///< on which the engine runs; empty until ready
    std::string model;
    bool hung = false;
    bool lost = false;
  };

  void start(std::size_t index);
  void start_later(std::size_t index, const std::string& why);
  void ready(const DeviceFacts& facts);
  void down(const caf::down_msg& message);
  void hung(const caf::actor& device);
  void back(const caf::actor& device);
  void lost(const std::string& why);
  void lose(std::size_t index, const std::string& why);
  void stop_all(const caf::error& reason);

  std::size_t find(const caf::actor_addr& device) const;  ///< the index of the device; places_.size() if there is none
  void ask_for_restart_if_stuck();

  std::vector<Place> places_;
  const Spawn spawn_;
  const std::shared_ptr<HealthBoard> board_;
  const std::shared_ptr<Metrics> metrics_;
};

}  // namespace inpaintd
