// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bus/connection.h"
#include "core/result.h"

namespace inpaintd {

/// What the streams and buckets of the service may hold.
struct LayoutOptions {
  std::string prefix = "inpaint";                ///< the first part of the subjects
  std::chrono::seconds pictures_age{24 * 3600};  ///< of the objects in `pictures_bucket`; 0: for ever
  std::int64_t pictures_bytes = std::int64_t{10} << 30;
  std::chrono::seconds jobs_age{7 * 24 * 3600};     ///< of unfinished jobs, and of the states of all jobs
  std::int64_t jobs_bytes = std::int64_t{4} << 30;  ///< of unfinished jobs; beyond it, further jobs are refused
  std::chrono::seconds dead_age{30 * 24 * 3600};    ///< of the requests of dead jobs
  std::int64_t dead_bytes = std::int64_t{1} << 30;
  int replicas = 1;  ///< servers of a cluster that keep each message
};

/// The streams, consumers and buckets that the service uses, as they should be in the NATS server.
class Layout {
 public:
  /// The connection must outlive the object. `timeout` is for each call.
  Layout(Connection& connection, const LayoutOptions& options, std::chrono::milliseconds timeout);
  ~Layout();

  /// The names of the parts, in the order in which they have to be made: "bucket inpaint_pictures", ...
  [[nodiscard]] std::vector<std::string> parts() const;

  /// Each difference of a part, such as "max_age: 0 instead of 86400000000000"; nothing if the part does not exist.
  /// Errors: store_failed, when this cannot be known.
  Result<std::optional<std::vector<std::string>>> differences(const std::string& part);
  /// Makes a part. Errors: store_failed, as the server says it.
  Status make(const std::string& part);
  /// Changes a part that differs.
  Status change(const std::string& part);

 private:
  struct Part;
  [[nodiscard]] const Part& find(const std::string& name) const;
  Status configure(const std::string& part, bool exists);

  Connection& connection_;
  const std::chrono::milliseconds timeout_;
  std::vector<Part> parts_;
};

}  // namespace inpaintd
