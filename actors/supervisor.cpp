// SPDX-License-Identifier: Apache-2.0
#include "actors/supervisor.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace inpaintd {
namespace {

std::chrono::milliseconds back_off(int failures) {
  return std::min(std::chrono::milliseconds(500) * (1 << std::min(failures - 1, 6)), std::chrono::milliseconds(30'000));
}

}  // namespace

Supervisor::Supervisor(caf::actor_config& config, std::vector<DeviceSlot> slots, Spawn spawn,
                       std::shared_ptr<HealthBoard> board, std::shared_ptr<Metrics> metrics)
    : caf::event_based_actor(config), spawn_(std::move(spawn)), board_(std::move(board)), metrics_(std::move(metrics)) {
  for (auto& slot : slots) places_.push_back({std::move(slot), nullptr, 0});
}

caf::behavior Supervisor::make_behavior() {
  set_down_handler([this](const caf::down_msg& message) { down(message); });
  set_exit_handler([this](const caf::exit_msg& message) { stop_all(message.reason); });
  for (std::size_t index = 0; index < places_.size(); ++index) start(index);
  return {
      [this](start_atom, std::uint64_t index) { start(index); },
      [this](const DeviceFacts& facts) { ready(facts); },
  };
}

void Supervisor::start(std::size_t index) {
  Place& place = places_[index];
  board_->starting(index);
  place.actor = spawn_(*this, place.slot.factory);
  monitor(place.actor);
}

void Supervisor::ready(const DeviceFacts& facts) {
  for (std::size_t index = 0; index < places_.size(); ++index) {
    Place& place = places_[index];
    if (place.actor.address() != current_sender()) continue;
    place.failures = 0;
    board_->ready(index, facts.model);
    spdlog::info("{} is ready: {}", place.slot.name, facts.description);
  }
}

void Supervisor::down(const caf::down_msg& message) {
  for (std::size_t index = 0; index < places_.size(); ++index) {
    Place& place = places_[index];
    if (!place.actor || place.actor.address() != message.source) continue;
    place.actor = nullptr;
    const std::string reason = system().render(message.reason);
    board_->failed(index, reason);
    ++metrics_->device_restarts;
    const auto delay = back_off(++place.failures);
    spdlog::error("{} ended: {}; it is started again in {} ms", place.slot.name, reason, delay.count());
    delayed_send(this, delay, start_atom_v, static_cast<std::uint64_t>(index));
  }
}

void Supervisor::stop_all(const caf::error& reason) {
  set_down_handler([](const caf::down_msg&) {});
  for (Place& place : places_)
    if (place.actor) send_exit(place.actor, reason);
  places_.clear();
  quit(reason);
}

}  // namespace inpaintd
