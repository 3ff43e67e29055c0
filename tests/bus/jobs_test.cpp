// SPDX-License-Identifier: Apache-2.0
#include "bus/jobs.h"

#include <thread>

#include "bus/layout.h"
#include "bus/subjects.h"
#include "tests/bus/bus_support.h"

namespace inpaintd::test {
namespace {

struct Bench : JetStreamServer {
  std::unique_ptr<Connection> connection = connect({.url = server.url()});
  Jobs jobs{*connection, "inpaint", long_enough};
  KeyValue states{*connection, std::string(jobs_bucket), long_enough};

  Bench() {
    Layout layout(*connection, {}, long_enough);
    for (const std::string& part : layout.parts()) REQUIRE(layout.make(part));
  }

  /// The number of messages in the stream of jobs, in the JSON of the server's answer.
  [[nodiscard]] bool holds_jobs(int count) const {
    const auto info = connection->request("$JS.API.STREAM.INFO.INPAINT_JOBS", {}, long_enough);
    REQUIRE(info);
    return string_of(info->data()).find("\"messages\":" + std::to_string(count) + ",") != std::string::npos;
  }
  void end(const std::string& id, const wire::Reply& reply) {
    const auto entry = states.get(id);
    REQUIRE(*entry);
    REQUIRE(
        *states.update(id, as_bytes(wire::encode_job_state({.reply = reply, .deliveries = 1})), (*entry)->revision));
  }
};

Request request_of(const std::string& id) {
  Request request;
  request.id = id;
  request.image_at = job_image(id);
  request.mask = RectMask{{{0, 0, 4, 4}}};
  return request;
}

Error cancelled() { return {ErrorCode::cancelled, "a client cancelled the job"}; }

}  // namespace

TEST_CASE("a job is made once; a second client sees that it exists, and its message is in the stream once") {
  Bench bench;
  REQUIRE(bench.jobs.check());
  CHECK(*bench.jobs.submit(request_of("alice.1"), Priority::normal));
  CHECK(!*bench.jobs.submit(request_of("alice.1"), Priority::normal));
  CHECK(bench.holds_jobs(1));
  const auto state = bench.jobs.state("alice.1");
  REQUIRE(*state);
  CHECK((*state)->status() == "queued");
  CHECK((*state)->deliveries == 0);
  CHECK(*bench.jobs.ids("alice") == std::vector<std::string>{"alice.1"});
}

TEST_CASE("a client that ended between the key and the message makes the job complete when it tries again") {
  Bench bench;
  REQUIRE(*bench.states.create("alice.1", as_bytes(wire::encode_job_state({.reply = wire::Queued{"alice.1"}}))));
  CHECK(bench.holds_jobs(0));
  CHECK(!*bench.jobs.submit(request_of("alice.1"), Priority::low));
  CHECK(bench.holds_jobs(1));
}

TEST_CASE("ids that are no keys, or have no owner, are refused") {
  Bench bench;
  for (const char* id : {"alice", "alice:1.2", ".1", "alice.", "a..b", ""}) {
    CAPTURE(id);
    const auto made = bench.jobs.submit(request_of(id), Priority::normal);
    REQUIRE(!made);
    CHECK(made.error().code == ErrorCode::bad_request);
  }
}

TEST_CASE("a job that waits can be cancelled, and a job that has ended cannot") {
  Bench bench;
  CHECK(!*bench.jobs.cancel("alice.1"));
  REQUIRE(bench.jobs.submit(request_of("alice.1"), Priority::normal));
  CHECK(*bench.jobs.cancel("alice.1"));
  const auto state = bench.jobs.state("alice.1");
  CHECK(std::get<wire::Failed>((*state)->reply).error.code == ErrorCode::cancelled);
  CHECK(!*bench.jobs.cancel("alice.1"));
  REQUIRE(bench.jobs.submit(request_of("alice.2"), Priority::normal));
  CHECK(*bench.jobs.cancel("alice.2", {ErrorCode::deadline_exceeded, "too late"}));
  CHECK(std::get<wire::Failed>((*bench.jobs.state("alice.2"))->reply).error.code == ErrorCode::deadline_exceeded);
}

TEST_CASE("a server without the bucket of jobs says so, and one without JetStream cannot tell") {
  const JetStreamServer empty;
  const auto connection = connect({.url = empty.server.url()});
  CHECK(*Jobs(*connection, "inpaint", long_enough).exist() == false);
  CHECK(Jobs(*connection, "inpaint", long_enough).check().error().message.find("inpaint-setup") != std::string::npos);
  const NatsServer plain;
  const auto other = connect({.url = plain.url()});
  CHECK(!Jobs(*other, "inpaint", long_enough).exist());
}

TEST_CASE("a client that waits sees each change, and the end") {
  Bench bench;
  REQUIRE(bench.jobs.submit(request_of("alice.1"), Priority::normal));
  std::vector<std::string> seen;
  const auto changed = [&](const Jobs::State& state) {
    seen.emplace_back(state.status());
    if (seen.size() == 1) bench.end("alice.1", wire::Failed{"alice.1", cancelled()});
  };
  const auto ended = bench.jobs.wait("alice.1", Clock::now() + long_enough, {}, changed);
  REQUIRE_MESSAGE(ended, ended.error().message);
  REQUIRE(*ended);
  CHECK(seen == std::vector<std::string>{"queued", "error"});
  CHECK(bench.jobs.wait("alice.1", Clock::now(), {})->has_value());
  CHECK(bench.jobs.wait("alice.2", Clock::now() + long_enough, {}).error().code == ErrorCode::object_not_found);
}

TEST_CASE("a client that is stopped waits no longer") {
  Bench bench;
  REQUIRE(bench.jobs.submit(request_of("alice.1"), Priority::normal));
  std::stop_source stop;
  stop.request_stop();
  CHECK(!bench.jobs.wait("alice.1", Clock::now() + long_enough, stop.get_token())->has_value());
}

TEST_CASE("a job that has ended is started again by one of two clients") {
  Bench bench;
  REQUIRE(bench.jobs.submit(request_of("alice.1"), Priority::normal));
  bench.end("alice.1", wire::Failed{"alice.1", cancelled()});
  const auto ended = bench.jobs.state("alice.1");
  CHECK(*bench.jobs.submit_again(request_of("alice.1"), Priority::normal, **ended));
  CHECK(!*bench.jobs.submit_again(request_of("alice.1"), Priority::normal, **ended));
  CHECK(bench.holds_jobs(2));
  CHECK((*bench.jobs.state("alice.1"))->status() == "queued");
}

TEST_CASE("a client that ended while it started a job again leaves a job that the next client makes complete") {
  Bench bench;
  REQUIRE(bench.jobs.submit(request_of("alice.1"), Priority::normal));
  bench.end("alice.1", wire::Failed{"alice.1", cancelled()});
  const auto ended = bench.jobs.state("alice.1");
  REQUIRE(*bench.states.update("alice.1", as_bytes(wire::encode_job_state({.reply = wire::Queued{"alice.1"}})),
                               (*ended)->revision));
  CHECK(!*bench.jobs.submit_again(request_of("alice.1"), Priority::normal, **ended));
  CHECK(!*bench.jobs.submit(request_of("alice.1"), Priority::normal));
  CHECK(bench.holds_jobs(2));
  CHECK(!*bench.jobs.submit(request_of("alice.1"), Priority::normal));
  CHECK(bench.holds_jobs(2));
}

TEST_CASE("a dead job is started again with the request that the stream of dead jobs keeps") {
  Bench bench;
  REQUIRE(bench.jobs.submit(request_of("alice.1"), Priority::high));
  CHECK(bench.jobs.retry("alice.1").error().code == ErrorCode::object_not_found);
  bench.end("alice.1", wire::Failed{"alice.1", {ErrorCode::device_failed, "again and again"}});
  REQUIRE(bench.connection->publish(dead_job_subject("inpaint", "alice.1"),
                                    as_bytes(wire::encode_request(request_of("alice.1"))),
                                    {{job_priority_header, "high"}, {job_reason_header, "again and again"}}));
  REQUIRE(bench.connection->flush(long_enough));
  const Status retried = bench.jobs.retry("alice.1");
  REQUIRE_MESSAGE(retried, retried.error().message);
  CHECK((*bench.jobs.state("alice.1"))->status() == "queued");
  CHECK(bench.holds_jobs(2));
  CHECK(bench.jobs.retry("alice.1").error().code == ErrorCode::object_not_found);
}

TEST_CASE("the state of a job keeps what the service last told, and needs no more than its status") {
  const auto least = wire::decode_job_state("a.b", as_bytes(std::string("\x81\xa6status\xa6queued", 15)));
  REQUIRE_MESSAGE(least, least.error().message);
  CHECK(std::get<wire::Queued>(least->reply).id == "a.b");
  CHECK(!least->is_final());

  wire::Done done;
  done.id = "a.b";
  done.result = job_result("a.b");
  done.format = Format::png;
  done.size = {4, 4};
  done.region = {0, 0, 4, 4};
  done.exact = Exact::pixels;  // with the notes: as many keys as a reply can have, and those of the state
  done.notes = {{"mask_alpha", "the alpha was used"}};
  const auto state = wire::decode_job_state(
      "a.b", as_bytes(wire::encode_job_state({.reply = done, .deliveries = 3, .returned = 2, .dead = false})));
  REQUIRE_MESSAGE(state, state.error().message);
  CHECK(state->is_final());
  CHECK(state->deliveries == 3);
  CHECK(state->returned == 2);
  CHECK(std::get<wire::Done>(state->reply).notes == done.notes);
  CHECK(std::get<wire::Done>(state->reply).result == ObjectName{"inpaint_pictures", "out/a/b"});
  CHECK(!wire::decode_job_state("a.b", as_bytes("no msgpack")));
}

}  // namespace inpaintd::test
