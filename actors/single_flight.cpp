// SPDX-License-Identifier: Apache-2.0
#include "actors/single_flight.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

namespace inpaintd {
namespace {

Clock::duration timeout_of(const Ticket& ticket) { return ticket.deadline - ticket.received; }

/// The same message, addressed to another client.
Progress readdressed(Progress progress, const Ticket& ticket) {
  progress.ticket = ticket;
  return progress;
}

/// Takes out the followers for which `gone` is true. All followers stay if there is no memory for the result.
template <class Predicate>
std::vector<Follower> take_if(std::vector<Follower>& followers, Predicate gone) {
  const auto middle =
      std::stable_partition(followers.begin(), followers.end(), [&](const Follower& each) { return !gone(each); });
  std::vector<Follower> taken(std::make_move_iterator(middle), std::make_move_iterator(followers.end()));
  followers.erase(middle, followers.end());
  return taken;
}

}  // namespace

// Equal timeouts count as equal deadlines: several ingresses may take two requests in the wrong order, and two runs
// would be one too many.
bool SingleFlight::Runner::serves(const Ticket& ticket) const {
  return priority <= ticket.priority && (deadline <= ticket.deadline || timeout == timeout_of(ticket)) &&
         (progress || !ticket.progress);
}

bool SingleFlight::Flight::serves(const Ticket& ticket, std::uint64_t without) const {
  return std::any_of(runners.begin(), runners.end(),
                     [&](const auto& each) { return each.first != without && each.second.serves(ticket); });
}

std::optional<std::uint64_t> SingleFlight::join(const Fingerprint& key, Envelope& envelope,
                                                const caf::actor_addr& replier, const Tell& tell) {
  std::lock_guard lock(mutex_);
  const Ticket& ticket = envelope.ticket;
  const auto place = flights_.try_emplace(key).first;
  Flight& flight = place->second;
  if (flight.serves(ticket)) {
    // The lock is held while the progress is sent: after it the run may end, and no progress may follow the final
    // message.
    if (ticket.progress && flight.progress) tell(readdressed(*flight.progress, ticket));
    flight.followers.emplace_back(std::move(envelope), replier);
    return std::nullopt;
  }
  const std::uint64_t run = ++last_run_;
  try {
    by_run_.emplace(run, place);
    flight.runners.emplace(run,
                           Runner{ticket.priority, ticket.deadline, timeout_of(ticket), ticket.progress, {}, replier});
  } catch (...) {
    by_run_.erase(run);
    if (flight.runners.empty()) flights_.erase(place);
    throw;
  }
  return run;
}

void SingleFlight::enlist(std::uint64_t run, const JobPtr& job) {
  std::lock_guard lock(mutex_);
  const auto found = by_run_.find(run);
  if (found != by_run_.end()) found->second->second.runners.at(run).job = job;
}

std::optional<SingleFlight::Landed> SingleFlight::land(std::uint64_t run, bool well) {
  std::lock_guard lock(mutex_);
  const auto found = by_run_.find(run);
  if (found == by_run_.end()) return std::nullopt;
  const auto place = found->second;
  Flight& flight = place->second;
  // The lines that need memory come first: if there is none, nothing has changed.
  Landed landed;
  landed.runners.reserve(flight.runners.size());
  landed.followers = take_if(flight.followers,
                             [&](const Follower& each) { return well || !flight.serves(each.envelope.ticket, run); });
  by_run_.erase(found);
  flight.runners.erase(run);
  if (well)
    for (auto& [number, runner] : std::exchange(flight.runners, {})) {
      by_run_.erase(number);
      if (auto job = runner.job.lock()) landed.runners.push_back({std::move(job), runner.replier});
    }
  if (flight.runners.empty()) flights_.erase(place);
  return landed;
}

std::optional<Fingerprint> SingleFlight::key_of(std::uint64_t run) const {
  std::lock_guard lock(mutex_);
  const auto found = by_run_.find(run);
  return found == by_run_.end() ? std::nullopt : std::optional(found->second->first);
}

void SingleFlight::forget(std::uint64_t run) noexcept {
  std::vector<Follower> dropped;  // freed after the lock is released, as in `clear`
  std::lock_guard lock(mutex_);
  const auto found = by_run_.find(run);
  if (found == by_run_.end()) return;
  const auto place = found->second;
  by_run_.erase(found);
  place->second.runners.erase(run);
  if (!place->second.runners.empty()) return;
  dropped.swap(place->second.followers);
  flights_.erase(place);
}

void SingleFlight::clear() {
  Flights dropped;  // freed after the lock is released, because the places send answers
  std::lock_guard lock(mutex_);
  by_run_.clear();
  dropped.swap(flights_);
}

std::vector<Follower> SingleFlight::take(const std::string& id) {
  const auto named = [&](const Follower& each) { return each.envelope.ticket.id == id; };
  std::vector<Follower> taken;
  std::lock_guard lock(mutex_);
  std::ptrdiff_t count = 0;
  for (const auto& [key, flight] : flights_) count += std::ranges::count_if(flight.followers, named);
  // Memory is reserved first: the place of a follower that an exception destroyed here would need the lock.
  taken.reserve(static_cast<std::size_t>(count));
  for (auto& [key, flight] : flights_) {
    const auto middle = std::stable_partition(flight.followers.begin(), flight.followers.end(), std::not_fn(named));
    std::move(middle, flight.followers.end(), std::back_inserter(taken));
    flight.followers.erase(middle, flight.followers.end());
  }
  return taken;
}

void SingleFlight::report(std::uint64_t run, const Progress& progress) {
  std::lock_guard lock(mutex_);
  const auto found = by_run_.find(run);
  if (found == by_run_.end()) return;
  Flight& flight = found->second->second;
  flight.progress = progress;
  for (const Follower& each : flight.followers)
    if (each.envelope.ticket.progress) send_to(each.replier, readdressed(progress, each.envelope.ticket));
}

std::size_t SingleFlight::followers() const {
  std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [key, flight] : flights_) count += flight.followers.size();
  return count;
}

}  // namespace inpaintd
