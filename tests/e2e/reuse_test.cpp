// SPDX-License-Identifier: Apache-2.0
// Identical requests, at the same time and one after the other.
#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include "tests/e2e/service_fixture.h"
#include "tests/support/eventually.h"

using namespace inpaintd;
using namespace inpaintd::test;
using namespace std::chrono_literals;

namespace {

struct Collected {
  std::mutex mutex;
  std::vector<std::string> lines;  ///< "id: done", "id: done cached" or "id: error"
  std::vector<std::string> images;
};

}  // namespace

TEST_CASE_FIXTURE(ServiceFixture, "identical requests in flight are computed once") {
  config.model.null_pace = "2s";  // all four requests arrive while the first one runs
  config.batch.size_max = 1;
  restart();
  const auto collected = std::make_shared<Collected>();
  const std::string inbox = client->new_inbox();
  const auto subscription = client->subscribe(inbox + ".*", "", [collected](const Message& message) {
    const auto reply = wire::decode_reply(message.data());
    const std::lock_guard lock(collected->mutex);
    const auto* done = reply ? std::get_if<wire::Done>(&*reply) : nullptr;
    if (!done) return collected->lines.push_back("error");
    collected->lines.push_back(done->id + (done->cached ? ": done cached" : ": done"));
    collected->images.emplace_back(done->image.begin(), done->image.end());
  });
  REQUIRE(subscription);
  // Ids of equal length, so that the requests differ in no other byte.
  for (const char* id : {"a", "b", "c", "d"})
    REQUIRE(client->publish("inpaint.v1.run", as_bytes(small_request(id)), {}, inbox + "." + id));
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
