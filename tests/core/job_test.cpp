// SPDX-License-Identifier: Apache-2.0
#include "core/job.h"

#include <doctest/doctest.h>

#include <thread>

using namespace inpaintd;
using namespace std::chrono_literals;

namespace {

JobPtr make_job(std::size_t tiles, Reservation reservation = nullptr) {
  Input input;
  const auto image = std::make_shared<Pixels>(8, 8, 3);
  const auto mask = std::make_shared<Pixels>(8, 8, 1);
  for (std::size_t i = 0; i < tiles; ++i) input.tiles.push_back({{0, 0, 8, 8}, {8, 8}, image, mask});
  Ticket ticket;
  ticket.id = "job";
  ticket.received = TimePoint{} + 1s;
  return std::make_shared<Job>(ticket, std::make_shared<const Input>(std::move(input)), 100us, std::move(reservation));
}

Pixels prediction(std::uint8_t value) { return {8, 8, 3, value}; }

BatchFacts facts(std::size_t size, std::chrono::milliseconds started) {
  return {{size, "cpu", "model"}, TimePoint{} + 1s + started, 7ms};
}

}  // namespace

TEST_CASE("a job ends with its last tile, in the tiles' order, and not again") {
  const auto job = make_job(2);
  CHECK(!job->deliver(1, prediction(20), facts(4, 5ms)));
  CHECK(!job->ended());
  const auto outcome = job->deliver(0, prediction(10), facts(2, 9ms));
  REQUIRE(outcome);
  const auto& computed = std::get<Computed>(outcome->ending);
  CHECK(computed.predictions.at(0).bytes[0] == 10);
  CHECK(computed.predictions.at(1).bytes[0] == 20);
  CHECK(computed.run.batch_size == 4);
  CHECK(computed.run.device == "cpu");
  CHECK(computed.run.model == "model");
  CHECK(outcome->timings.decode == 100us);
  CHECK(outcome->timings.queue == 9ms - 100us);
  CHECK(outcome->timings.infer == 14ms);
  CHECK(!job->deliver(0, prediction(1), facts(1, 1ms)));
  CHECK(!job->fail({ErrorCode::internal, ""}));
}

TEST_CASE("a tile delivered twice counts once") {
  const auto job = make_job(2);
  CHECK(!job->deliver(0, prediction(1), facts(1, 1ms)));
  CHECK(!job->deliver(0, prediction(2), facts(1, 1ms)));
  const auto outcome = job->deliver(1, prediction(3), facts(1, 1ms));
  REQUIRE(outcome);
  CHECK(std::get<Computed>(outcome->ending).predictions.at(0).bytes[0] == 1);
}

TEST_CASE("a failed job takes no more predictions") {
  const auto job = make_job(1);
  const auto outcome = job->fail({ErrorCode::cancelled, "cancelled"});
  REQUIRE(outcome);
  CHECK(outcome->error()->code == ErrorCode::cancelled);
  CHECK(!job->fail({ErrorCode::internal, ""}));
  CHECK(!job->deliver(0, prediction(1), facts(1, 1ms)));
}

TEST_CASE("a job's place in the service leaves with its outcome") {
  auto place = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = place;
  const auto job = make_job(1, Reservation(std::move(place), nullptr));  // shares the ownership of `place`
  {
    const auto outcome = job->fail({ErrorCode::cancelled, ""});
    CHECK(!watch.expired());
  }
  CHECK(watch.expired());
}

TEST_CASE("when many threads end one job, exactly one of them gets the outcome") {
  for (int round = 0; round < 200; ++round) {
    const auto job = make_job(4);
    std::atomic<int> outcomes{0};
    std::vector<std::thread> threads;
    for (std::size_t tile = 0; tile < 4; ++tile)
      threads.emplace_back([&, tile] { outcomes += job->deliver(tile, prediction(1), facts(1, 1ms)).has_value(); });
    threads.emplace_back([&] { outcomes += job->fail({ErrorCode::cancelled, ""}).has_value(); });
    for (auto& thread : threads) thread.join();
    CHECK(outcomes == 1);
  }
}
