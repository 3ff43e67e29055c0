// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bus/connection.h"
#include "core/result.h"
#include "core/time.h"
#include "gateway/tasks/job_store.h"
#include "gateway/tasks/tasks.h"
#include "http/event_loop.h"

namespace inpaintd::gateway {

/// Tasks as durable jobs in JetStream (JobStore): every gateway knows every task, and tasks outlive gateways and
/// workers. A task is accepted when the server has stored it.
///
/// This object holds, of tasks in JetStream, only those that clients wait for, and those that this gateway has taken
/// and that have not ended: it ends each of these at its deadline. Their ends are told by the workers' hints; those
/// that clients wait for are also looked at every second, because hints may be lost. Pictures are held while they are
/// stored or fetched, within `bytes_max`. Used on the loop's thread. Calls that wait for the server run on the threads
/// of two other loops: `looks` for small ones, `store` for pictures.
class JobTasks : public Tasks {
 public:
  struct Parts {
    std::shared_ptr<Connection> connection;
    std::string prefix;
    std::function<bool()> connected;
    Loop& loop;
    Loop& looks;
    Loop& store;
    TasksSettings settings;
    Finished finished;
  };
  explicit JobTasks(Parts parts);
  ~JobTasks() override;
  /// Ends the use of the connection; when the loops' work has ended.
  void close();

  void submit(Submission submission, Started then) override;
  void load(const std::vector<std::string>& ids, Then then) override;
  [[nodiscard]] const TaskState* find(const std::string& id) const override;
  void cancel(const std::string& id, Then then) override;
  [[nodiscard]] Watch watch(const std::string& id, Watcher watcher) override;
  void fetch(const TaskState& end, Ended then) override;

  /// Looks for the buckets, ends tasks whose deadline has come, and looks at those that clients wait for; to be called
  /// every few hundredths of a second.
  void tick();

  /// Whether the buckets of inpaint-setup exist; nothing: not known yet.
  [[nodiscard]] std::optional<bool> available() const { return available_; }
  /// Tasks that would be lost if this gateway ended now: JetStream does not have them yet.
  [[nodiscard]] std::size_t storing() const { return storing_; }
  /// Tasks that this gateway has taken and that have not ended.
  [[nodiscard]] std::size_t open() const { return own_; }
  [[nodiscard]] std::size_t count() const { return tasks_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_ + *fetched_; }

 private:
  struct Own {
    TimePoint started, deadline;
  };
  struct Task {
    TaskState state = QueuedState{};
    std::uint64_t revision = 0;
    std::optional<Own> own;  ///< of a task that this gateway has taken, until it ends
    bool storing = false;
    bool ending = false;  ///< the server is asked to end the task
    std::vector<std::weak_ptr<const Watcher>> watchers;
  };
  using Seen = std::optional<JobStore::Seen>;
  using Answers = std::vector<std::pair<std::string, Seen>>;
  /// What threads of the NATS library reach, also after the tasks are gone.
  struct Sink {
    std::mutex mutex;
    JobTasks* tasks = nullptr;  ///< null: closed

    void receive(const Message& hint);
  };

  /// Asks for the states of tasks, and calls `then` while they can be found here.
  void look(const std::vector<std::string>& ids, Then then);
  void look_further(std::vector<std::string> ids, Answers known, bool again, Then then);
  void show(const Answers& answers, const Then& then);

  // job_watch.cpp
  void look_for_buckets(TimePoint now);
  void found_buckets(const Result<bool>& exist);
  void listen();
  void told(const std::string& id, const Message& hint);
  void end_overdue(TimePoint now);
  void look_at_watched(TimePoint now);

  void stored(const std::string& id, const Status& result, const Started& then);
  /// Takes the state that the server has; nothing: the task is gone.
  void changed(const std::string& id, const Seen& seen);
  void tell(const std::string& id, Task& task, TaskState state);
  /// Drops what is held of a task, unless it is open here or a client waits for it.
  void drop(const std::string& id);

  Parts parts_;
  std::shared_ptr<JobStore> jobs_;  // shared with work that is still to be done
  std::shared_ptr<Sink> sink_;
  std::optional<Subscription> ends_;
  std::unordered_map<std::string, Task> tasks_;
  std::size_t own_ = 0, storing_ = 0, bytes_ = 0;
  std::shared_ptr<std::atomic<std::size_t>> fetched_ = std::make_shared<std::atomic<std::size_t>>(0);
  std::optional<bool> available_;
  bool connected_ = false, asking_ = false, looking_ = false;
  TimePoint next_ask_{}, next_look_{};
};

}  // namespace inpaintd::gateway
