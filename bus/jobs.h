// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "bus/connection.h"
#include "bus/key_value.h"
#include "bus/wire/wire.h"
#include "core/request.h"
#include "core/result.h"
#include "core/time.h"

namespace inpaintd {

/// The headers of a request in the stream INPAINT_DEAD.
inline constexpr const char* job_priority_header = "Inpaint-Priority";
inline constexpr const char* job_reason_header = "Inpaint-Reason";

/// Durable jobs, as their clients see them (docs/protocol.md): requests that JetStream keeps until a worker has
/// finished them, whatever ends meanwhile. The id of a job is OWNER.NAME (valid_job_id). Thread safe. Each call but
/// `wait` ends within the timeout.
///
/// Errors: store_failed, as those of KeyValue, and for a request that no message can hold; bad_request, for an id.
class Jobs {
 public:
  /// `prefix` is the first part of the subjects. The connection must outlive the object.
  Jobs(Connection& connection, std::string prefix, std::chrono::milliseconds timeout);

  /// Whether jobs can be made and followed here. The error says what is missing and what to do.
  Status check();
  /// Whether the bucket of the states exists. Errors: store_failed, when this cannot be known.
  Result<bool> exist();

  struct State : wire::JobState {
    std::uint64_t revision = 0;
  };
  /// The state of a job; nothing for an unknown one.
  Result<std::optional<State>> state(const std::string& id);

  /// Makes the job `request.id`. Returns false if the job exists; then it is left as it is, but its message is sent
  /// again if no worker has received it yet, because a client may have ended between the two steps. `headers` are sent
  /// with it.
  Result<bool> submit(const Request& request, Priority priority, const Headers& headers = {});
  /// Starts a job that has ended once more, such as one whose result was removed. Returns false if another client has
  /// changed the job since `ended`.
  Result<bool> submit_again(const Request& request, Priority priority, const State& ended);
  /// Starts a dead job once more, with the request that INPAINT_DEAD keeps. Errors: object_not_found: no request is
  /// kept for this job.
  Status retry(const std::string& id);
  /// Ends a job that has not ended with this error. A job that a device has started is computed all the same. Returns
  /// false when it had ended, or does not exist.
  Result<bool> cancel(const std::string& id, const Error& why = {ErrorCode::cancelled, "a client cancelled the job"});

  /// The ids of the jobs of `owner`, or of all jobs without one.
  Result<std::vector<std::string>> ids(std::string_view owner = {});

  /// Called with the state of a job when it has changed.
  using Changed = std::function<void(const State& state)>;
  /// Waits until a job has ended. Nothing when `stop` or `deadline` came first. Errors: as of `state`;
  /// object_not_found for an unknown job. While the NATS server cannot be reached, the function goes on trying.
  Result<std::optional<State>> wait(const std::string& id, TimePoint deadline, const std::stop_token& stop,
                                    const Changed& changed = {});

 private:
  Status publish(const std::string& id, Priority priority, Bytes request, std::uint64_t revision, Headers headers = {});

  Connection& connection_;
  const std::string prefix_;
  const std::chrono::milliseconds timeout_;
  KeyValue states_;
};

}  // namespace inpaintd
