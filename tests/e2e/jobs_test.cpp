// SPDX-License-Identifier: Apache-2.0
// Durable jobs with a real worker: every job ends once, whatever ends meanwhile.
#include <csignal>
#include <future>

#include "bus/jetstream.h"
#include "bus/subjects.h"
#include "image/codec.h"
#include "tests/e2e/jobs_fixture.h"
#include "tests/e2e/worker_process.h"
#include "tests/support/client_connection.h"
#include "tests/support/held_runs.h"

using namespace inpaintd;
using namespace inpaintd::test;
using namespace std::chrono_literals;

namespace {

ErrorCode code_of(const Jobs::State& state) {
  const auto* failed = std::get_if<wire::Failed>(&state.reply);
  REQUIRE(failed != nullptr);
  return failed->error.code;
}

}  // namespace

TEST_CASE_FIXTURE(JobsService, "a job becomes a picture in the object store, and leaves nothing else") {
  std::promise<std::string> hint;
  const auto hinted = client->subscribe(job_ended_subject("inpaint", "alice.1"), "", [&](const Message& message) {
    hint.set_value(std::string(message.data().begin(), message.data().end()));
  });
  REQUIRE(client->flush(long_enough));
  Request request = JobsBench::request("alice.1");
  const auto file = encode_image(*decode_image(request.image, {}), Format::png);
  REQUIRE(file);
  REQUIRE(pictures.put(job_image("alice.1").name, as_bytes(*file)));
  request.image_at = job_image("alice.1");
  submit(request);

  const auto state = ended("alice.1");
  const auto* done = std::get_if<wire::Done>(&state.reply);
  REQUIRE(done != nullptr);
  CHECK(done->result == ObjectName{"inpaint_pictures", "out/alice/1"});
  CHECK(done->size == Size{16, 16});
  CHECK(done->service == service->id());
  CHECK(state.deliveries == 1);
  const auto answer = pictures.get("out/alice/1");
  REQUIRE_MESSAGE(answer, answer.error().message);
  CHECK((decode_image(EncodedFile{as_bytes(*answer)}, {})->rgb == decode_image(EncodedFile{as_bytes(*file)}, {})->rgb));
  const auto told = wire::decode_job_state("alice.1", as_bytes(hint.get_future().get()));
  CHECK(told->status() == "done");
  CHECK(eventually([&] { return messages(jobs_stream) == 0; }));
  CHECK(eventually([&] { return !pictures.info(job_image("alice.1").name); }));
}

TEST_CASE_FIXTURE(JobsService, "a broken picture is an error at once, without another try") {
  Request request = JobsBench::request("alice.1");
  request.image = EncodedFile{as_bytes("no picture")};
  submit(request);
  const auto state = ended("alice.1");
  CHECK(code_of(state) == ErrorCode::unsupported_image);
  CHECK(state.deliveries == 1);
  CHECK(!state.dead);
  CHECK(eventually([&] { return messages(jobs_stream) == 0; }));
  CHECK(messages(dead_jobs_stream) == 0);
}

TEST_CASE_FIXTURE(JobsService, "a job whose picture is missing in the object store is an error that names it") {
  Request request = JobsBench::request("alice.1");
  request.image_at = job_image("alice.1");
  submit(request);
  CHECK(code_of(ended("alice.1")) == ErrorCode::object_not_found);
}

TEST_CASE_FIXTURE(JobsBench, "jobs wait for a worker, and leave by their priority") {
  submit(request("alice.low"), Priority::low);
  submit(request("alice.normal"), Priority::normal);
  submit(request("alice.high"), Priority::high);
  CHECK(state("alice.high").status() == "queued");
  std::mutex mutex;
  std::vector<std::string> order;
  const auto hinted = connection->subscribe(job_ended_subject("inpaint", ">"), "", [&](const Message& message) {
    const std::lock_guard lock(mutex);
    order.emplace_back(message.subject());
  });
  REQUIRE(connection->flush(long_enough));
  // One job at a time, so that the order of the pulls is the order of the ends.
  const WorkerProcess worker(url(), {"jobs.share=0.001"});
  for (const char* id : {"alice.high", "alice.normal", "alice.low"}) CHECK(ended(id).status() == "done");
  CHECK(eventually([&] {
    const std::lock_guard lock(mutex);
    return order.size() == 3;
  }));
  const std::lock_guard lock(mutex);
  CHECK(order == std::vector<std::string>{"inpaint.v1.jobs.done.alice.high", "inpaint.v1.jobs.done.alice.normal",
                                          "inpaint.v1.jobs.done.alice.low"});
}

TEST_CASE_FIXTURE(JobsBench, "a job that was cancelled while it waited is not computed") {
  submit(request("alice.1"));
  REQUIRE(*jobs.cancel("alice.1"));
  const WorkerProcess worker(url());
  CHECK(eventually([&] { return messages(jobs_stream) == 0; }));
  CHECK(code_of(state("alice.1")) == ErrorCode::cancelled);
  CHECK(!pictures.info("out/alice/1"));
  CHECK(worker.metric("inpaintd_jobs_total{end=\"known\"}") == 1);
}

TEST_CASE_FIXTURE(JobsBench, "a job that is cancelled while a device computes it keeps the state of its cancellation") {
  HeldRuns held;
  const WorkerProcess worker(url(), {"device.warm_up=0ms", "model.null_faults=" + held.fault()});
  submit(request("alice.1"));
  REQUIRE(wait_until("alice.1", "running"));
  REQUIRE(*jobs.cancel("alice.1"));
  held.release();
  CHECK(eventually([&] { return messages(jobs_stream) == 0; }));
  CHECK(code_of(state("alice.1")) == ErrorCode::cancelled);
  CHECK(eventually([&] { return !pictures.info("out/alice/1"); }));
}

TEST_CASE_FIXTURE(JobsBench, "a killed worker's job is finished by another worker") {
  HeldRuns held;
  WorkerProcess first(url(), {"device.warm_up=0ms", "model.null_faults=" + held.fault()});
  submit(request("alice.1"));
  REQUIRE(wait_until("alice.1", "running"));
  first.process().kill();
  const WorkerProcess second(url());
  const auto end = ended("alice.1");
  CHECK(end.status() == "done");
  CHECK(end.deliveries >= 2);
  CHECK(end.returned == 0);
  CHECK(eventually([&] { return messages(jobs_stream) == 0; }));
}

TEST_CASE_FIXTURE(JobsBench, "a worker that stops gives its jobs back, which is no failed try") {
  HeldRuns held;
  WorkerProcess first(url(), {"device.warm_up=0ms", "model.null_faults=" + held.fault(), "service.drain_timeout=0ms",
                              "batch.size_max=1"});
  submit(request("alice.1"));
  REQUIRE(wait_until("alice.1", "running"));
  submit(request("alice.2", 16, 127));
  REQUIRE(eventually([&] { return state("alice.2").deliveries == 1; }));
  first.process().signal(SIGTERM);
  CHECK(eventually([&] { return first.process().ended().has_value(); }));
  held.release();
  const WorkerProcess second(url());
  const auto end = ended("alice.2");
  CHECK(end.status() == "done");
  CHECK(end.returned == 1);
  CHECK(end.deliveries == 2);
  CHECK(ended("alice.1").status() == "done");
}

TEST_CASE_FIXTURE(JobsBench, "a job that ends every worker is dead after its tries, alone, and can be tried again") {
  HeldRuns held;
  // All workers but the last one are killed while they compute the job.
  submit(request("alice.1"));
  for (int i = 1; i <= 2; ++i) {
    WorkerProcess worker(url(), {"device.warm_up=0ms", "model.null_faults=" + held.fault(), "jobs.tries_max=2"});
    REQUIRE(eventually([&] { return state("alice.1").deliveries == i && state("alice.1").status() == "running"; }));
    worker.process().kill();
  }
  const WorkerProcess last(url(), {"jobs.tries_max=2"});
  const auto end = ended("alice.1");
  CHECK(end.dead);
  CHECK(code_of(end) == ErrorCode::device_failed);
  CHECK(messages(dead_jobs_stream) == 1);
  CHECK(eventually([&] { return messages(jobs_stream) == 0; }));

  const Status retried = jobs.retry("alice.1");
  REQUIRE_MESSAGE(retried, retried.error().message);
  CHECK(ended("alice.1").status() == "done");
  CHECK(messages(dead_jobs_stream) == 0);
}

TEST_CASE_FIXTURE(JobsService, "a job whose device fails again and again is dead with the device's words") {
  config.model.null_faults = "poison:1";
  config.jobs.tries_max = 2;
  restart();
  submit(JobsBench::request("alice.1", 16, 77));
  submit(JobsBench::request("alice.2"));  // all grey, which never fails
  const auto end = ended("alice.1");
  CHECK(end.dead);
  CHECK(end.deliveries == 2);
  CHECK(std::get<wire::Failed>(end.reply).error.message.find("poison") != std::string::npos);
  CHECK(ended("alice.2").status() == "done");
  CHECK(messages(dead_jobs_stream) == 1);
}

TEST_CASE_FIXTURE(JobsService, "messages that are no jobs do not stop the queue, and are kept for people") {
  for (const std::string& text : {std::string("no msgpack"), wire::encode_request(JobsBench::request("no-owner"))})
    REQUIRE(connection->publish(job_subject("inpaint", Priority::normal), as_bytes(text)));
  submit(JobsBench::request("alice.1"));
  CHECK(ended("alice.1").status() == "done");
  CHECK(eventually([&] { return messages(dead_jobs_stream) == 2 && messages(jobs_stream) == 0; }));
}

TEST_CASE_FIXTURE(JobsBench, "a worker holds no more jobs than its share, and has places for requests beside them") {
  HeldRuns held;
  WorkerProcess worker(url(), {"device.warm_up=0ms", "model.null_faults=" + held.fault(), "service.in_flight_max=16",
                               "jobs.share=0.25"});
  for (int i = 0; i < 10; ++i) submit(request("alice." + std::to_string(i), 16, i));
  REQUIRE(eventually([&] { return worker.metric("inpaintd_in_flight_requests") == 4; }));
  std::promise<std::string> answer;
  const std::string inbox = connection->new_inbox();
  const auto answers = connection->subscribe(inbox, "", [&](const Message& message) {
    answer.set_value(std::string(message.data().begin(), message.data().end()));
  });
  REQUIRE(connection->publish(run_subject("inpaint"), as_bytes(wire::encode_request(request("r1"))), {}, inbox));
  REQUIRE(eventually([&] { return worker.metric("inpaintd_in_flight_requests") == 5; }));
  CHECK(worker.metric("inpaintd_jobs_taken_total") == 4);
  held.release();
  const std::string bytes = answer.get_future().get();
  CHECK(std::holds_alternative<wire::Done>(*wire::decode_reply(as_bytes(bytes))));
  for (int i = 0; i < 10; ++i) CHECK(ended("alice." + std::to_string(i)).status() == "done");
}

TEST_CASE_FIXTURE(JobsBench, "a job and a request of one size run in one batch") {
  HeldRuns held("@1");
  WorkerProcess worker(url(), {"device.warm_up=0ms", "model.null_faults=" + held.fault()});
  submit(request("alice.first"));
  REQUIRE(wait_until("alice.first", "running"));
  submit(request("alice.1", 16, 1));
  REQUIRE(eventually([&] { return state("alice.1").deliveries == 1; }));
  std::promise<std::string> promise;
  const auto inbox = connection->new_inbox();
  const auto answers = connection->subscribe(inbox, "", [&](const Message& message) {
    promise.set_value(std::string(message.data().begin(), message.data().end()));
  });
  Request beside = request("r1", 16, 2);
  REQUIRE(connection->publish(run_subject("inpaint"), as_bytes(wire::encode_request(beside)), {}, inbox));
  REQUIRE(eventually([&] {
    return worker.metric("inpaintd_queue_tiles{width=\"64\",height=\"64\"}") >= 2 ||
           worker.metric("inpaintd_in_flight_requests") == 3;
  }));
  held.release();
  const std::string bytes = promise.get_future().get();
  const auto reply = wire::decode_reply(as_bytes(bytes));
  CHECK(std::get<wire::Done>(*reply).batch_size == 2);
  CHECK(std::get<wire::Done>(ended("alice.1").reply).batch_size == 2);
}

TEST_CASE_FIXTURE(JobsService, "a worker goes on after the server was killed and started again") {
  submit(JobsBench::request("alice.1"));
  CHECK(ended("alice.1").status() == "done");
  jetstream.server.restart();
  REQUIRE(eventually([&] { return connection->connected(); }));
  REQUIRE(eventually([&] { return bool(jobs.submit(JobsBench::request("alice.2"), Priority::normal)); }));
  CHECK(ended("alice.2").status() == "done");
}

TEST_CASE_FIXTURE(JobsService, "with jobs.enabled off, jobs are left to others") {
  config.jobs.enabled = Availability::off;
  restart();
  submit(JobsBench::request("alice.1"));
  check_alive();
  CHECK(state("alice.1").deliveries == 0);
}
