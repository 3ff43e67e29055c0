// SPDX-License-Identifier: Apache-2.0
// `inpaint --durable`.
#include <doctest/doctest.h>

#include <csignal>
#include <future>

#include "bus/subjects.h"
#include "image/codec.h"
#include "tests/e2e/stand_in_worker.h"
#include "tests/support/client_connection.h"
#include "tests/support/eventually.h"
#include "tests/support/temporary_directory.h"
#include "tools/inpaint/painter.h"

using namespace inpaintd;
using namespace inpaintd::test;

namespace {

struct DurableClient : StandInWorker {
  using StandInWorker::StandInWorker;
  TemporaryDirectory directory;
  const std::string output = directory / "out.png";
  const std::string id = durable_demo_id();

  [[nodiscard]] std::unique_ptr<RunningProgram> start(std::vector<std::string> more = {}) const {
    std::vector<std::string> all = durable_arguments(output, url());
    all.insert(all.end(), more.begin(), more.end());
    return std::make_unique<RunningProgram>("inpaint", all);
  }
  [[nodiscard]] ProgramRun run() const { return start()->end(); }

  /// Runs the command with a worker that finishes the job, and checks that the picture was written.
  void complete() {
    const auto client = start();
    const std::string file = finish(take());
    check_success(client->end(), file);
  }
  void check_success(const ProgramRun& ending, const std::string& file) const {
    CHECK_MESSAGE(ending.exit_code == 0, ending.output);
    CHECK(contents(output) == file);
  }
};

}  // namespace

TEST_CASE_FIXTURE(DurableClient, "a picture goes through a durable job, and the next run finds its result") {
  const auto client = start();
  const TakenJob job = take();
  CHECK(job.request.id == id);
  CHECK(job.request.options.format == Format::png);
  CHECK(*pictures.get(job_image(id).name) == contents(demo_file("photo.jpg")));
  CHECK(*pictures.get(job_mask(id).name) == contents(demo_file("mask.png")));
  set(id, {.reply = wire::Running{id, 2, "cpu"}, .deliveries = 1});
  client->await("running in a batch of 2 on cpu");
  const std::string file = finish(job);
  const ProgramRun ending = client->end();
  check_success(ending, file);
  CHECK(ending.says("done: "));

  std::filesystem::remove(output);
  const ProgramRun again = run();
  check_success(again, file);
  CHECK(again.says("found again"));
  CHECK(messages(jobs_stream) == 0);
}

TEST_CASE_FIXTURE(DurableClient, "the pictures of a folder are jobs of their owner and priority") {
  for (const char* name : {"one", "two"}) {
    const auto to = [&](const char* folder, const char* extension) {
      std::filesystem::create_directory(directory.path() / folder);
      return directory.path() / folder / (std::string(name) + extension);
    };
    std::filesystem::copy_file(demo_file("photo.jpg"), to("in", ".jpg"));
    std::filesystem::copy_file(demo_file("mask.png"), to("masks", ".png"));
  }
  // Bytes behind the end of a JPEG file change the picture's digest and nothing else.
  directory.write("in/two.jpg", contents(demo_file("photo.jpg")) + "two");
  RunningProgram client(
      "inpaint", {"--images", directory / "in", "--masks", directory / "masks", "-o", directory / "results", "--format",
                  "png", "--durable", "--owner", "alice", "--priority", "low", "--server", url()});
  const TakenJob first = take("low"), second = take("low");
  CHECK(first.request.id.starts_with("alice."));
  CHECK(first.request.id != second.request.id);
  const std::string file = finish(first);
  CHECK(finish(second) == file);
  const ProgramRun ending = client.end();
  CHECK_MESSAGE(ending.exit_code == 0, ending.output);
  for (const char* name : {"one.png", "two.png"}) CHECK(contents(directory.path() / "results" / name) == file);
  CHECK(jobs.ids("alice")->size() == 2);
}

TEST_CASE_FIXTURE(DurableClient, "a run goes on with the pictures that an ended run has stored") {
  REQUIRE(pictures.put(job_image(id).name, as_bytes(contents(demo_file("photo.jpg")))));
  REQUIRE(pictures.put(job_mask(id).name, as_bytes(contents(demo_file("mask.png")))));
  const std::string before = pictures.info(job_image(id).name)->id;
  const auto client = start();
  const TakenJob job = take();
  CHECK(pictures.info(job_image(id).name)->id == before);
  const std::string file = finish(job);
  check_success(client->end(), file);
}

TEST_CASE_FIXTURE(DurableClient, "a run sends the job that an ended run has made and not sent") {
  set(id, {.reply = wire::Queued{id}});
  complete();
  CHECK(messages(jobs_stream) == 0);
}

TEST_CASE_FIXTURE(DurableClient, "a run waits for the job of a run that was killed, and nothing is computed twice") {
  const auto client = start();
  const TakenJob job = take();
  set(id, {.reply = wire::Running{id, 1, "cpu"}, .deliveries = 1});
  client->process().kill();
  const auto other = start();
  other->await("running in a batch of 1");
  const std::string file = finish(job);
  check_success(other->end(), file);
  CHECK(messages(jobs_stream) == 0);
}

TEST_CASE_FIXTURE(DurableClient, "a job whose pictures were removed before its turn gets them again") {
  const auto client = start();
  fail(take(), ErrorCode::object_not_found, "the picture is gone");
  const std::string file = finish(take());
  check_success(client->end(), file);
}

TEST_CASE_FIXTURE(DurableClient, "a job whose state was removed is made again") {
  const auto client = start();
  acknowledge(take());
  REQUIRE(states.remove(id));
  const std::string file = finish(take());
  check_success(client->end(), file);
}

TEST_CASE_FIXTURE(DurableClient, "a job that ended with a retryable error is started again by the next run") {
  const auto client = start();
  give_up(take());
  const ProgramRun ending = client->end();
  CHECK(ending.exit_code == 1);
  CHECK(ending.says("error: device_failed: it ended every device; the same command starts the job " + id + " again"));
  complete();
}

TEST_CASE_FIXTURE(DurableClient, "a job that was cancelled is started again by the next run") {
  const auto client = start();
  const TakenJob job = take();
  CHECK(run_jobs_command({"cancel", id}, url()).exit_code == 0);
  const ProgramRun ending = client->end();
  CHECK(ending.exit_code == 1);
  CHECK(ending.says("cancelled: "));
  acknowledge(job);
  complete();
}

TEST_CASE_FIXTURE(JobsService, "a worker fills a picture by a durable job, once until its result is removed") {
  const TemporaryDirectory directory;
  const std::string id = durable_demo_id(), output = directory / "out.png";
  const auto before = decode_image(EncodedFile{as_bytes(contents(demo_file("photo.jpg")))}, {});
  const auto fill = [&] {
    std::filesystem::remove(output);
    const ProgramRun ending = run_program("inpaint", durable_arguments(output, url()));
    CHECK_MESSAGE(ending.exit_code == 0, ending.output);
    const std::string file = contents(output);
    const auto after = decode_image(EncodedFile{as_bytes(file)}, {});
    REQUIRE(after);
    CHECK((before->rgb == after->rgb));  // the null engine answers with the image
    return state(id).revision;
  };
  const auto first = fill();
  CHECK(eventually([&] { return messages(jobs_stream) == 0 && !pictures.info(job_mask(id).name); }));
  CHECK(fill() == first);
  REQUIRE(pictures.remove(job_result(id).name));
  CHECK(fill() > first);
  CHECK(run_jobs_command({"wait", id}, url()).output.starts_with(id + ": done: 768x512 png in "));
}

TEST_CASE_FIXTURE(JobsService, "a picture that the worker refuses is refused in every run") {
  const TemporaryDirectory directory;
  Picture small;
  small.rgb = Pixels(4, 4, 3, 255);
  std::vector<std::string> arguments = durable_arguments(directory / "out.png", url());
  arguments[1] = directory.write("small.png", *encode_image(small, Format::png));
  for (int run = 0; run < 2; ++run) {
    const ProgramRun ending = run_program("inpaint", arguments);
    CHECK(ending.exit_code == 1);
    CHECK_MESSAGE(ending.says("error: size_mismatch: "), ending.output);
  }
}

TEST_CASE_FIXTURE(DurableClient, "--timeout and Ctrl-C end the wait and not the job") {
  const ProgramRun late = start({"--timeout", "1ms"})->end();
  CHECK(late.exit_code == 1);
  CHECK_MESSAGE(late.says("within --timeout"), late.output);
  const auto client = start();
  const TakenJob job = take();
  client->await(id + ": queued");
  client->process().signal(SIGINT);
  const ProgramRun interrupted = client->end();
  CHECK(interrupted.exit_code == 130);
  CHECK(interrupted.says("interrupted; the job " + id + " goes on, and the same command goes on with it"));
  CHECK(!state(id).is_final());
  const std::string file = finish(job);
  check_success(run(), file);
}

TEST_CASE_FIXTURE(DurableClient, "a NATS server that is away for a while ends no durable run") {
  const auto client = start();
  client->await(id + ": queued");
  jetstream.server.restart();
  const std::string file = finish(take());
  check_success(client->end(), file);
}

TEST_CASE_FIXTURE(DurableClient, "a job that cannot be made because the NATS server is away is made when it is back") {
  const auto own = connect_to(url());
  const tools::Interrupt interrupt;
  const auto painter = tools::make_durable_painter(*own, {.owner = "alice"}, interrupt);
  REQUIRE(painter);
  jetstream.server.stop();
  REQUIRE(eventually([&] { return !own->connected(); }));
  const std::string image = contents(demo_file("photo.jpg")), mask = contents(demo_file("mask.png"));
  auto painted =
      std::async(std::launch::async, [&] { return (*painter)->paint(as_bytes(image), as_bytes(mask), {}, {}); });
  jetstream.server.restart();
  const std::string file = finish(take());
  const auto painting = painted.get();
  REQUIRE_MESSAGE(painting, painting.error().message);
  CHECK(painting->file == file);
}

TEST_CASE("the permissions that docs/operations.md lists are enough for a durable run, also of large pictures") {
  DurableClient client(R"(authorization { timeout: 60, users: [
    {user: admin, password: x},
    {user: alice, password: x, permissions: {
      publish: ["inpaint.v1.jobs.normal", "$KV.inpaint_jobs.alice.>", "$JS.API.STREAM.INFO.KV_inpaint_jobs",
                "$JS.API.DIRECT.GET.KV_inpaint_jobs.$KV.inpaint_jobs.alice.>", "$O.inpaint_pictures.>",
                "$JS.API.STREAM.INFO.OBJ_inpaint_pictures", "$JS.API.STREAM.MSG.GET.OBJ_inpaint_pictures",
                "$JS.API.STREAM.PURGE.OBJ_inpaint_pictures", "$JS.API.DIRECT.GET.OBJ_inpaint_pictures"],
      subscribe: ["_INBOX.>"]}}]})",
                       "admin:x@");
  const std::string alice = client.jetstream.server.address("nats", "alice:x@");
  const auto run = [&](const std::string& owner) {
    return std::make_unique<RunningProgram>(
        "inpaint", std::vector<std::string>{demo_file("photo.jpg"), demo_file("mask.png"), "-o", client.output,
                                            "--durable", "--owner", owner, "--server", alice});
  };
  const auto own = run("alice");
  const TakenJob job = client.take();
  client.fail(job, ErrorCode::object_not_found, "the pictures are gone");  // the next start changes the state
  const std::string file = client.finish(client.take());
  CHECK(file.size() > (128 << 10));  // more than one chunk
  client.check_success(own->end(), file);
  const ProgramRun other = run("bob")->end();
  CHECK(other.exit_code == 1);
  CHECK_MESSAGE(other.says("permissions forbid this user to publish to"), other.output);
}

TEST_CASE("a durable run needs what inpaint-setup makes, and does nothing without it") {
  const JetStreamServer jetstream;
  const TemporaryDirectory directory;
  const ProgramRun ending =
      run_program("inpaint", {demo_file("photo.jpg"), demo_file("mask.png"), "-o", directory / "out.png", "--durable",
                              "--server", jetstream.server.url()});
  CHECK(ending.exit_code == 3);
  CHECK(ending.says("make it with inpaint-setup"));
}
