// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "bus/connection.h"
#include "core/result.h"
#include "gateway/tasks/submission.h"

namespace inpaintd::gateway {

/// The pictures of attempts that no message can hold, in the bucket `inpaint_pictures` of the object store. Each
/// attempt has a token. Objects that are not removed, because a worker or the gateway ended, are removed by the
/// bucket's age. Thread safe; all functions but `available` and `holds` wait for the NATS server.
class LargePictures {
 public:
  explicit LargePictures(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

  /// Asks the server whether the bucket exists. Returns false if the server cannot or must not tell: it has no
  /// JetStream, or this user no permission.
  bool look();
  [[nodiscard]] bool available() const { return available_; }

  /// Stores picture and mask. Errors: those of ObjectStore.
  Status store(const std::string& token, const Submission& submission);
  /// A request names these objects.
  static ObjectName image_of(const std::string& token);
  static ObjectName mask_of(const std::string& token);
  static ObjectName result_of(const std::string& token);
  /// Whether `store` was called for the attempt, and `remove` was not.
  [[nodiscard]] bool holds(const std::string& token) const;
  /// The answer's picture. Errors: those of ObjectStore.
  Result<std::string> result(const std::string& token);
  /// Removes everything of the attempt.
  void remove(const std::string& token);

 private:
  const std::shared_ptr<Connection> connection_;
  std::atomic<bool> available_{false};
  mutable std::mutex mutex_;
  std::set<std::string> tokens_;
};

}  // namespace inpaintd::gateway
