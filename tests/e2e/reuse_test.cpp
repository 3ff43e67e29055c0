// SPDX-License-Identifier: Apache-2.0
// Identical requests, at the same time and one after the other.
#include <algorithm>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "tests/e2e/service_fixture.h"
#include "tests/support/eventually.h"
#include "tests/support/held_runs.h"

using namespace inpaintd;
using namespace inpaintd::test;
using namespace std::chrono_literals;

namespace {

struct Collected {
  std::mutex mutex;
  std::vector<std::string> lines;  ///< "id: done", "id: done cached" or "id: error"
  std::vector<std::string> images;
  std::set<std::string> joined;  ///< ids of the requests that are queued or running
};

/// The same picture and mask for every id. The service tells when the request is queued or runs.
std::string same_request(const std::string& id) {
  const std::vector<std::uint8_t> pixels(16 * 16 * 3, 128);
  Request request;
  request.id = id;
  request.image = RawPixels{16, 16, pixels};
  request.mask = RectMask{{{4, 4, 4, 4}}};
  request.progress = true;
  return wire::encode_request(request);
}

}  // namespace

TEST_CASE_FIXTURE(ServiceFixture, "identical requests in flight are computed once") {
  HeldRuns held;  // until all four requests have arrived
  config.model.null_faults = held.fault();
  config.batch.watchdog = 1h;
  config.batch.size_max = 1;
  restart();
  const auto collected = std::make_shared<Collected>();
  const std::string inbox = client->new_inbox();
  const auto subscription = client->subscribe(inbox + ".*", "", [collected](const Message& message) {
    const auto reply = wire::decode_reply(message.data());
    const std::lock_guard lock(collected->mutex);
    if (const auto* queued = reply ? std::get_if<wire::Queued>(&*reply) : nullptr)
      return (void)collected->joined.insert(queued->id);
    if (const auto* running = reply ? std::get_if<wire::Running>(&*reply) : nullptr)
      return (void)collected->joined.insert(running->id);
    const auto* done = reply ? std::get_if<wire::Done>(&*reply) : nullptr;
    if (!done) return (void)collected->lines.emplace_back("error");
    collected->lines.push_back(done->id + (done->cached ? ": done cached" : ": done"));
    collected->images.emplace_back(done->image.begin(), done->image.end());
  });
  REQUIRE(subscription);
  // Ids of equal length, so that the requests differ in no other byte.
  for (const char* id : {"a", "b", "c", "d"})
    REQUIRE(client->publish("inpaint.v1.run", as_bytes(same_request(id)), {}, inbox + "." + id));
  CHECK(eventually([&] {
    const std::lock_guard lock(collected->mutex);
    return collected->joined.size() == 4;
  }));
  held.release();
  CHECK(eventually([&] {
    const std::lock_guard lock(collected->mutex);
    return collected->lines.size() == 4;
  }));
  const std::lock_guard lock(collected->mutex);
  std::ranges::sort(collected->lines);
  for (std::size_t i = 0; i < 4; ++i) CHECK(collected->lines[i].substr(0, 3) == std::string(1, "abcd"[i]) + ": ");
  CHECK(std::ranges::count_if(collected->lines, [](const auto& line) { return line.ends_with("cached"); }) == 3);
  for (const auto& image : collected->images) CHECK(image == collected->images[0]);
}

TEST_CASE_FIXTURE(ServiceFixture, "with a result cache, a repeated request is answered from the cache") {
  config.cache.bytes_max = 1 << 20;
  restart();
  const auto first = picture(small_request("first"));
  const auto again = picture(small_request("again"), "run.high");
  CHECK_FALSE(first.cached);
  CHECK(again.cached);
  CHECK(again.id == "again");
  CHECK(again.model == "null");
  CHECK(std::ranges::equal(again.image, first.image));
  // The second request may arrive before the run of the first one has ended; it then follows that run.
  CHECK(service->metrics().result_hits + service->metrics().followed == 1);
}
