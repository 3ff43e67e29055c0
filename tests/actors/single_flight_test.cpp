// SPDX-License-Identifier: Apache-2.0
#include "actors/single_flight.h"

#include "scheduling/admission.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace inpaintd {
namespace {

using namespace std::chrono_literals;

constexpr Fingerprint cat{1, 2}, dog{1, 3};
const TimePoint start = TimePoint{} + 1h;

struct Who {
  std::string id;
  Priority priority = Priority::normal;
  std::chrono::milliseconds received{0};  // after start
  std::chrono::milliseconds timeout{1000};
  bool progress = false;
};

Envelope request(const Who& who) {
  Ticket ticket;
  ticket.id = who.id;
  ticket.reply = "inbox." + who.id;
  ticket.priority = who.priority;
  ticket.received = start + who.received;
  ticket.deadline = ticket.received + who.timeout;
  ticket.progress = who.progress;
  return {ticket, Message(nullptr), nullptr};
}

/// The table with short forms of its functions.
struct Table {
  SingleFlight flights;
  std::vector<Progress> told;

  /// 0 when the request waits.
  std::uint64_t join(const Fingerprint& key, const Who& who) {
    Envelope envelope = request(who);
    const auto run = flights.join(key, envelope, nullptr, [&](const Progress& each) { told.push_back(each); });
    return run.value_or(0);
  }
  std::vector<std::string> land(std::uint64_t run, bool well) { return ids(flights.land(run, well)); }

  static std::vector<std::string> ids(const std::optional<SingleFlight::Landed>& landed) {
    return landed ? ids(landed->followers) : std::vector<std::string>{"nothing"};
  }
  static std::vector<std::string> ids(const std::vector<Follower>& followers) {
    std::vector<std::string> ids;
    for (const Follower& each : followers) ids.push_back(each.envelope.ticket.id);
    return ids;
  }
};

JobPtr job_of(const std::string& id) {
  return std::make_shared<Job>(request({id}).ticket, std::make_shared<const Input>(), Microseconds{});
}

using Ids = std::vector<std::string>;

TEST_CASE("a request follows an identical request that runs, and other requests run themselves") {
  Table table;
  const auto a = table.join(cat, {"a"});
  const auto x = table.join(dog, {"x"});
  CHECK(a != 0);
  CHECK(x != 0);
  CHECK(table.join(cat, {"b"}) == 0);
  CHECK(table.join(cat, {"c"}) == 0);
  CHECK(table.flights.followers() == 2);
  CHECK(table.land(a, true) == Ids{"b", "c"});
  CHECK(table.flights.followers() == 0);
  CHECK(table.join(cat, {"d"}) != 0);  // too late to follow a
  CHECK(table.land(x, true) == Ids{});
  CHECK(table.land(x, true) == Ids{"nothing"});
}

TEST_CASE("a request follows only a run that is as urgent as itself") {
  struct Case {
    const char* what;
    Who follower;
    bool waits;
  };
  for (const Case& c : {
           Case{"the same", {"f"}, true},
           Case{"less urgent", {"f", Priority::low}, true},
           Case{"more urgent", {"f", Priority::high}, false},
           Case{"later deadline", {"f", Priority::normal, 0ms, 1001ms}, true},
           Case{"earlier deadline", {"f", Priority::normal, 0ms, 999ms}, false},
           Case{"earlier deadline by coming later with less time", {"f", Priority::normal, 100ms, 899ms}, false},
           Case{"the same deadline, coming later with less time", {"f", Priority::normal, 100ms, 900ms}, true},
           Case{
               "received earlier, but taken later, with the same timeout", {"f", Priority::normal, -5ms, 1000ms}, true},
           Case{"less urgent, but with an earlier deadline", {"f", Priority::low, 0ms, 500ms}, false},
           Case{"wants progress that the run does not report", {"f", Priority::normal, 0ms, 1000ms, true}, false},
       }) {
    CAPTURE(c.what);
    Table table;
    REQUIRE(table.join(cat, {"leader"}) != 0);
    CHECK((table.join(cat, c.follower) == 0) == c.waits);
  }
}

TEST_CASE("the first run that succeeds ends the other runs and answers all followers, and later results are ignored") {
  Table table;
  const auto slow = table.join(cat, {"slow", Priority::low});
  const auto quick = table.join(cat, {"quick", Priority::high});
  CHECK(table.join(cat, {"f", Priority::low}) == 0);
  CHECK(table.join(cat, {"g", Priority::high}) == 0);
  const JobPtr slow_job = job_of("slow"), quick_job = job_of("quick");
  table.flights.enlist(slow, slow_job);
  table.flights.enlist(quick, quick_job);
  CHECK(table.flights.key_of(slow) == cat);
  const auto landed = table.flights.land(slow, true);
  REQUIRE(landed);
  CHECK(!table.flights.key_of(slow));
  CHECK(Table::ids(landed->followers) == Ids{"f", "g"});
  REQUIRE(landed->runners.size() == 1);
  CHECK(landed->runners[0].job == quick_job);
  CHECK(table.land(quick, true) == Ids{"nothing"});
  table.flights.enlist(quick, quick_job);  // ignored, because the run has ended
}

TEST_CASE("a run that fails returns only the followers that no other run serves") {
  Table table;
  const auto low = table.join(cat, {"low", Priority::low});
  const auto high = table.join(cat, {"high", Priority::high});
  CHECK(table.join(cat, {"f", Priority::low}) == 0);
  CHECK(table.join(cat, {"g", Priority::high}) == 0);
  SUBCASE("the more urgent one ends: g would wait too long for the other") {
    CHECK(table.land(high, false) == Ids{"g"});
    CHECK(table.land(low, true) == Ids{"f"});
  }
  SUBCASE("the less urgent one ends: both are served by the other") {
    CHECK(table.land(low, false) == Ids{});
    CHECK(table.land(high, true) == Ids{"f", "g"});
  }
  SUBCASE("both end") {
    CHECK(table.land(high, false) == Ids{"g"});
    CHECK(table.land(low, false) == Ids{"f"});
    CHECK(table.join(cat, {"next"}) != 0);
  }
}

TEST_CASE("followers are taken out by their request id, each once") {
  Table table;
  const auto a = table.join(cat, {"a"});
  const auto x = table.join(dog, {"x"});
  for (const char* id : {"b", "twice", "c"}) CHECK(table.join(cat, {id}) == 0);
  CHECK(table.join(dog, {"twice"}) == 0);
  CHECK(Table::ids(table.flights.take("twice")) == Ids{"twice", "twice"});
  CHECK(table.flights.take("twice").empty());
  CHECK(table.flights.take("a").empty());  // a run is cancelled by the batcher
  CHECK(table.land(a, true) == Ids{"b", "c"});
  CHECK(table.land(x, true) == Ids{});
}

TEST_CASE("a follower that asked for progress gets the run's last progress at once") {
  Table table;
  const Who leader{"leader", Priority::normal, 0ms, 1000ms, true};
  const auto run = table.join(cat, leader);
  CHECK(table.join(cat, {"early", Priority::normal, 0ms, 1000ms, true}) == 0);
  CHECK(table.told.empty());
  Progress progress{request(leader).ticket, false, 3, 250ms, 0, {}};
  table.flights.report(run, progress);
  CHECK(table.join(cat, {"late", Priority::normal, 0ms, 1000ms, true}) == 0);
  CHECK(table.join(cat, {"does not care"}) == 0);
  REQUIRE(table.told.size() == 1);
  CHECK(table.told[0].ticket.id == "late");
  CHECK(table.told[0].position == 3);
  CHECK(table.told[0].eta == 250ms);
  table.flights.report(run + 1, progress);  // there is no such run, so no follower is told
  CHECK(table.land(run, true) == Ids{"early", "late", "does not care"});
}

TEST_CASE("a follower's message and place move with the follower") {
  Table table;
  const auto run = table.join(cat, {"a"});
  Envelope waiting = request({"b"}), running = request({"c"});
  const Reservation place = *std::make_shared<Admission>(10, 1000)->reserve(1);
  waiting.reservation = running.reservation = place;
  CHECK_FALSE(table.flights.join(cat, waiting, nullptr, [](const Progress&) {}));
  CHECK(table.flights.join(dog, running, nullptr, [](const Progress&) {}));
  CHECK(waiting.reservation == nullptr);
  CHECK(running.reservation == place);
  CHECK(table.flights.land(run, true)->followers.at(0).envelope.reservation == place);
}

TEST_CASE("a run that is forgotten releases the requests that follow no other run") {
  Table table;
  const auto one = table.join(cat, {"one"});
  const auto urgent = table.join(cat, {"urgent", Priority::high});
  CHECK(table.join(cat, {"follower"}) == 0);
  table.flights.forget(one);
  CHECK(table.flights.followers() == 1);  // follows the other run
  table.flights.forget(urgent);
  CHECK(table.flights.followers() == 0);
  CHECK(table.land(urgent, true) == Ids{"nothing"});
  CHECK(table.join(cat, {"anew"}) != 0);
}

}  // namespace
}  // namespace inpaintd
