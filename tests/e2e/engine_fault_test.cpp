// SPDX-License-Identifier: Apache-2.0
// Engines that do what engines should not: whatever it is, every request has exactly one answer.
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
  /// Different pictures for two devices that go wrong in the same way.
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

TEST_CASE_FIXTURE(EngineFaultFixture, "pictures that break every batch they are in fail alone") {
  for (const std::string kind : {"poison", "nan"}) {
    CAPTURE(kind);
    run(kind + ":0.2");
    CHECK(done() + failed() == 60);
    CHECK(done() > 30);
    CHECK(failed() > 0);
    if (kind == "nan") CHECK(service->metrics().not_finite >= 2 * static_cast<std::uint64_t>(failed()));  // tried twice
  }
}

TEST_CASE_FIXTURE(EngineFaultFixture, "a run that fails, or answers too few, costs nobody a picture") {
  for (const std::string faults : {"fail:@2", "count:@2", "fail:@1,count:@3"}) {
    CAPTURE(faults);
    run(faults);
    CHECK(done() == 60);
  }
}

TEST_CASE_FIXTURE(EngineFaultFixture, "batches that do not fit in memory are run in parts") {
  run("oom:>1");
  CHECK(done() == 60);
}

TEST_CASE_FIXTURE(EngineFaultFixture, "an engine that stalls delays its batch and nothing else") {
  run("hang:@2:200ms");
  CHECK(done() == 60);
}

TEST_CASE_FIXTURE(EngineFaultFixture, "an engine that crashes is replaced, and its requests are done by the next") {
  run("crash:@9", 72);  // at least 18 batches of up to 4, so that one of the two devices runs nine times
  CHECK(done() + failed() == 72);
  CHECK(done() > 0);
  CHECK(eventually([&] { return service->metrics().device_restarts > 0; }));
}
