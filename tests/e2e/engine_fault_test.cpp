// SPDX-License-Identifier: Apache-2.0
// Engines that violate the contract of engines: every request gets exactly one answer.
#include "tests/e2e/crowd.h"
#include "tests/e2e/service_fixture.h"
#include "tests/e2e/worker_process.h"
#include "tests/support/eventually.h"
#include "tests/support/http_get.h"

using namespace inpaintd;
using namespace inpaintd::test;
using namespace std::chrono_literals;

namespace {

struct EngineFaultFixture : ServiceFixture {
  /// Sends different pictures to a service with two devices, whose engines have the same faults.
  void run(const std::string& faults, int pictures = 60) {
    config.model.null_faults = faults;
    config.model.cpu_replicas = 2;
    config.batch.size_max = 4;
    restart();
    crowd.emplace(*client);
    for (int i = 0; i < pictures; ++i) crowd->send(picture_request(std::to_string(i)));
    CHECK(eventually([&] { return crowd->each_answered_once(); }));
    CHECK(eventually([&] { return metric("inpaintd_in_flight_requests") == 0; }));
    CHECK(service->metrics().received == service->metrics().done + service->metrics().failed());
  }
  [[nodiscard]] double metric(const std::string& name) const {
    return metric_in(http(service->http_port(), "/metrics").body, name);
  }
  [[nodiscard]] int done() const { return crowd->ended("done"); }
  [[nodiscard]] int failed() const { return crowd->ended("device_failed"); }

  std::optional<Crowd> crowd;
};

}  // namespace

TEST_CASE_FIXTURE(EngineFaultFixture, "a picture that makes every batch fail is refused alone") {
  for (const std::string kind : {"poison", "nan"}) {
    CAPTURE(kind);
    run(kind + ":0.2");
    CHECK(done() + failed() == 60);
    CHECK(done() > 30);
    CHECK(failed() > 0);
    if (kind == "nan")
      CHECK(service->metrics().not_finite >= 2 * static_cast<std::uint64_t>(failed()));  // each is computed twice
  }
}

TEST_CASE_FIXTURE(EngineFaultFixture, "every picture is filled although some runs fail or return too few predictions") {
  for (const std::string faults : {"fail:@2", "count:@2", "fail:@1,count:@3"}) {
    CAPTURE(faults);
    run(faults);
    CHECK(done() == 60);
  }
}

TEST_CASE_FIXTURE(EngineFaultFixture, "a batch that does not fit into memory is run in parts") {
  run("oom:>1");
  CHECK(done() == 60);
}

TEST_CASE_FIXTURE(EngineFaultFixture, "an engine that stalls delays no batch but its own") {
  run("hang:@2:200ms");
  CHECK(done() == 60);
}

TEST_CASE_FIXTURE(EngineFaultFixture,
                  "an engine that crashes is replaced, and its requests are done by another engine") {
  run("crash:@9", 72);  // at least 18 batches of up to 4, so that one of the two devices runs nine times
  CHECK(done() + failed() == 72);
  CHECK(done() > 0);
  CHECK(eventually([&] { return service->metrics().device_restarts > 0; }));
}
