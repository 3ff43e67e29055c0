// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "bus/jobs.h"
#include "bus/key_value.h"
#include "bus/object_store.h"
#include "tests/e2e/service_fixture.h"
#include "tests/support/eventually.h"

namespace inpaintd::test {

/// Makes the streams and buckets of inpaint-setup.
void make_layout(Connection& connection);

/// A NATS server with the streams and buckets of inpaint-setup, and a client. A silent worker loses its jobs after
/// `ack_wait`, so that a test of its end is short. `extra_config`: of the NATS server. `credentials`: "user:password@",
/// where the server wants some.
class JobsBench {
 public:
  explicit JobsBench(std::chrono::milliseconds ack_wait = std::chrono::seconds(2), const std::string& extra_config = {},
                     const std::string& credentials = {});

  [[nodiscard]] std::string url() const { return jetstream.server.url(); }
  /// A small picture of one grey, which the null engine never fails at; with `level`, another picture.
  static Request request(const std::string& id, int side = 16, int level = 128);
  void submit(const Request& request, Priority priority = Priority::normal);
  /// Waits for the end of a job.
  Jobs::State ended(const std::string& id);
  /// The state that is there now, which must exist.
  Jobs::State state(const std::string& id);
  bool wait_until(const std::string& id, std::string_view status);
  /// Messages in a stream.
  [[nodiscard]] int messages(std::string_view stream);

  JetStreamServer jetstream;
  std::unique_ptr<Connection> connection;
  Jobs jobs;
  ObjectStore pictures;
};

/// The same, and a service in this process.
struct JobsService : JobsBench, ServiceFixture {
  JobsService();
  ~JobsService() { ServiceFixture::end(); }
};

}  // namespace inpaintd::test
