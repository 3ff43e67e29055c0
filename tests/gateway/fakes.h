// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bus/wire/wire.h"
#include "gateway/tasks/requester.h"
#include "gateway/tasks/tasks.h"
#include "http/event_loop.h"

namespace inpaintd::test {

/// Records requests in place of a NATS connection. Tokens are "1", "2", ...
class FakePort : public gateway::RequestPort {
 public:
  struct Sent {
    std::string token;
    std::chrono::milliseconds timeout;
    bool stored = false;
  };
  std::vector<Sent> sent;
  std::vector<std::string> cancelled;
  bool is_connected = true;
  bool has_store = false;

  std::string new_token() override { return std::to_string(++tokens_); }
  void publish(const std::string& token, std::shared_ptr<const gateway::Submission>, std::chrono::milliseconds timeout,
               bool stored) override {
    sent.push_back({token, timeout, stored});
  }
  [[nodiscard]] bool can_store() const override { return has_store; }
  void cancel(const std::string& token) override { cancelled.push_back(token); }
  [[nodiscard]] bool connected() const override { return is_connected; }
  [[nodiscard]] std::string subject(Priority) const override { return "inpaint.v1.run"; }

 private:
  int tokens_ = 0;
};

/// Runs everything at once, but for what shall run later: the test says when.
class FakeLoop : public Loop {
 public:
  std::vector<std::pair<std::chrono::milliseconds, std::function<void()>>> later;

  void post(std::function<void()> call) override { call(); }
  void offload(std::function<void()> work) override { work(); }
  void after(std::chrono::milliseconds time, std::function<void()> call) override {
    later.emplace_back(time, std::move(call));
  }
  /// The time is over for all that shall run later.
  void run_later() {
    for (auto& each : std::exchange(later, {})) each.second();
  }
};

/// Tasks whose states the test sets. Ids are "task-1", "task-2", ...
class FakeTasks : public gateway::Tasks {
 public:
  std::vector<gateway::Submission> submitted;
  std::vector<std::string> cancelled;
  std::vector<std::string> loaded;  ///< last
  gateway::TaskState elsewhere;
  std::optional<Problem> refuse;

  void submit(gateway::Submission submission, Started then) override {
    if (refuse) return then(*refuse);
    submitted.push_back(std::move(submission));
    const std::string id = "task-" + std::to_string(submitted.size());
    states_[id] = gateway::QueuedState{};
    then(id);
  }
  void load(const std::vector<std::string>& ids, Then then) override {
    loaded = ids;
    then(refuse);
  }
  [[nodiscard]] const gateway::TaskState* find(const std::string& id) const override {
    const auto found = states_.find(id);
    return found == states_.end() ? nullptr : &found->second;
  }
  void cancel(const std::string& id, Then then) override {
    cancelled.push_back(id);
    then({});
  }
  /// Gives `elsewhere` for a picture without bytes.
  void fetch(const gateway::TaskState& end, Ended then) override {
    const auto* picture = std::get_if<gateway::TaskPicture>(&end);
    then(picture != nullptr && picture->image.empty() ? elsewhere : end);
  }
  [[nodiscard]] Watch watch(const std::string& id, Watcher watcher) override {
    auto watch = std::make_shared<const Watcher>(std::move(watcher));
    watchers_.emplace_back(id, watch);
    return watch;
  }
  void set(const std::string& id, const gateway::TaskState& state) {
    states_[id] = state;
    for (const auto& [watched, weak] : watchers_)
      if (const auto watch = weak.lock(); watch && watched == id) (*watch)(id, state);
  }

 private:
  std::map<std::string, gateway::TaskState> states_;
  std::vector<std::pair<std::string, std::weak_ptr<const Watcher>>> watchers_;
};

/// A finished picture with these bytes.
inline gateway::TaskPicture picture(const std::string& bytes, Format format = Format::jpeg) {
  const auto owner = std::make_shared<const std::string>(bytes);
  gateway::TaskPicture picture;
  picture.owner = owner;
  picture.image = {reinterpret_cast<const std::uint8_t*>(owner->data()), owner->size()};
  picture.format = format;
  picture.size = {4, 3};
  picture.region = {0, 0, 4, 3};
  picture.timings = {Microseconds(1), Microseconds(2), Microseconds(3), Microseconds(4), Microseconds(10)};
  picture.batch_size = 2;
  picture.device = "cpu";
  picture.model = "lama";
  return picture;
}

}  // namespace inpaintd::test
