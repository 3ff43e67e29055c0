// SPDX-License-Identifier: Apache-2.0
#include "actors/supervisor.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "actors/guard.h"

namespace inpaintd {
namespace {

constexpr std::chrono::minutes lasting{1};  // after this time without a failure, the back-off starts again

std::chrono::milliseconds back_off(int failures) {
  return std::min(std::chrono::milliseconds(500) * (1 << std::min(failures - 1, 6)), std::chrono::milliseconds(30'000));
}

// A device that ends says why in one text.
std::string words_of(const caf::error& reason) {
  const caf::message& context = reason.context();
  return context.match_elements<std::string>() ? context.get_as<std::string>(0) : caf::to_string(reason);
}

}  // namespace

Supervisor::Supervisor(caf::actor_config& config, std::vector<DeviceSlot> slots, Spawn spawn,
                       std::shared_ptr<HealthBoard> board, std::shared_ptr<Metrics> metrics)
    : caf::event_based_actor(config), spawn_(std::move(spawn)), board_(std::move(board)), metrics_(std::move(metrics)) {
  for (auto& slot : slots) places_.push_back({std::move(slot)});
}

caf::behavior Supervisor::make_behavior() {
  const auto safely = [this](auto body) {
    guarded(name(), body, [this] { board_->want_restart("the supervisor could not handle a message"); });
  };
  set_down_handler([=, this](const caf::down_msg& message) { safely([&] { down(message); }); });
  set_exit_handler([this](const caf::exit_msg& message) { stop_all(message.reason); });
  for (std::size_t index = 0; index < places_.size(); ++index) start(index);
  return {
      [=, this](start_atom, std::uint64_t index) { safely([&] { start(index); }); },
      [=, this](const DeviceFacts& facts) { safely([&] { ready(facts); }); },
      [=, this](hung_atom, const caf::actor& device) { safely([&] { hung(device); }); },
      [=, this](back_atom, const caf::actor& device) { safely([&] { back(device); }); },
      [=, this](lost_atom, const std::string& why) { safely([&] { lost(why); }); },
  };
}

void Supervisor::start(std::size_t index) {
  Place& place = places_[index];
  board_->starting(index);
  try {
    place.actor = spawn_(*this, place.slot.factory);
    monitor(place.actor);
  } catch (const std::exception& failure) {  // the system has no thread left, for example
    if (const auto unwatched = std::exchange(place.actor, nullptr)) send_exit(unwatched, caf::exit_reason::kill);
    board_->failed(index, failure.what());
    start_later(index, failure.what());
  }
}

void Supervisor::start_later(std::size_t index, const std::string& why) {
  const auto delay = back_off(++places_[index].failures);
  spdlog::error("device {} ended: {}; it is started again in {} ms", places_[index].slot.name, why, delay.count());
  delayed_send(this, delay, start_atom_v, static_cast<std::uint64_t>(index));
}

std::size_t Supervisor::find(const caf::actor_addr& device) const {
  const auto found = std::find_if(places_.begin(), places_.end(),
                                  [&](const Place& place) { return place.actor && place.actor.address() == device; });
  return static_cast<std::size_t>(found - places_.begin());
}

void Supervisor::ready(const DeviceFacts& facts) {
  const std::size_t index = find(caf::actor_cast<caf::actor_addr>(current_sender()));
  if (index == places_.size()) return;
  Place& place = places_[index];
  place.device = facts.device;
  // The batcher gives it no batches (see Batcher).
  for (const Place& other : places_)
    if (other.lost && other.device == facts.device) return lose(index, "another replica of it has lost it");
  place.ready_since = clock().now();
  place.model = facts.model;
  board_->computes(index, facts.precision, facts.way);
  board_->ready(index, facts.model);
  spdlog::info("device {} is ready: {}", place.slot.name, facts.description);
}

void Supervisor::down(const caf::down_msg& message) {
  const std::size_t index = find(message.source);
  if (index == places_.size()) return;
  Place& place = places_[index];
  place.actor = nullptr;
  place.hung = false;
  const std::string reason = words_of(message.reason);
  board_->failed(index, reason);
  if (place.lost) return spdlog::error("device {} is lost: {}", place.slot.name, reason);

  ++metrics_->device_restarts;
  const bool lasted = place.ready_since != TimePoint{} && clock().now() - place.ready_since >= lasting;
  if (lasted) place.failures = 0;
  place.ready_since = {};
  start_later(index, reason);
  ask_for_restart_if_stuck();
}

void Supervisor::hung(const caf::actor& device) {
  const std::size_t index = find(device.address());
  if (index == places_.size()) return;
  places_[index].hung = true;
  board_->hung(index);
  ask_for_restart_if_stuck();
}

void Supervisor::back(const caf::actor& device) {
  const std::size_t index = find(device.address());
  if (index == places_.size()) return;
  places_[index].hung = false;
  board_->ready(index, places_[index].model);
}

// A lost device stays lost until the process ends, and may disturb the other devices of the process. So the other
// devices finish the accepted requests, and then a new process starts (docs/decisions/0009-restart.md).
void Supervisor::lost(const std::string& why) {
  const std::size_t index = find(caf::actor_cast<caf::actor_addr>(current_sender()));
  if (index == places_.size()) return;
  places_[index].lost = true;  // `down` follows
  // All replicas of the device are lost with it.
  for (std::size_t other = 0; other < places_.size(); ++other)
    if (!places_[other].lost && !places_[other].device.empty() && places_[other].device == places_[index].device)
      lose(other, why);
  board_->want_restart(places_[index].slot.name + " is lost: " + why);
}

void Supervisor::lose(std::size_t index, const std::string& why) {
  places_[index].lost = true;
  board_->failed(index, why);
}

void Supervisor::ask_for_restart_if_stuck() {
  const auto hangs = [](const Place& place) { return place.hung; };
  const auto works = [](const Place& place) { return place.actor && !place.hung; };
  if (std::none_of(places_.begin(), places_.end(), hangs) || std::any_of(places_.begin(), places_.end(), works)) return;
  board_->want_restart("a device hangs, and no other device works");
}

void Supervisor::stop_all(const caf::error& reason) {
  set_down_handler([](const caf::down_msg&) {});
  for (Place& place : places_)
    if (place.actor) send_exit(place.actor, reason);
  places_.clear();
  quit(reason);
}

}  // namespace inpaintd
