// SPDX-License-Identifier: Apache-2.0
// `inpaint jobs`.
#include <doctest/doctest.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "bus/subjects.h"
#include "tests/e2e/stand_in_worker.h"
#include "tests/support/temporary_directory.h"

using namespace inpaintd;
using namespace inpaintd::test;

namespace {

struct JobsCommand : StandInWorker {
  TemporaryDirectory directory;

  /// Makes a job that fills the demo picture.
  void make(const std::string& id) {
    REQUIRE(pictures.put(job_image(id).name, as_bytes(contents(demo_file("photo.jpg")))));
    REQUIRE(pictures.put(job_mask(id).name, as_bytes(contents(demo_file("mask.png")))));
    Request request;
    request.id = id;
    request.image_at = job_image(id);
    request.mask_at = job_mask(id);
    submit(request);
  }
  /// The output of a command that must succeed.
  [[nodiscard]] std::string output(std::vector<std::string> arguments) const {
    const ProgramRun ending = run_jobs_command(std::move(arguments), url());
    CHECK_MESSAGE(ending.exit_code == 0, ending.output);
    return ending.output;
  }
  [[nodiscard]] ProgramRun failing(std::vector<std::string> arguments) const {
    ProgramRun ending = run_jobs_command(std::move(arguments), url());
    CHECK_MESSAGE(ending.exit_code == 1, ending.output);
    return ending;
  }
};

}  // namespace

TEST_CASE_FIXTURE(JobsCommand, "list shows the jobs of all owners or of one, and those of one status") {
  CHECK(output({"list"}) == "ID  STATUS   DELIVERIES  DETAIL\n");
  make("alice.1");
  finish(take());
  make("alice.2");
  give_up(take());
  make("bob.1");
  const std::string header = "ID       STATUS   DELIVERIES  DETAIL\n";
  const std::string done = "alice.1  done              1  768x512 png in 1.25 s\n";
  const std::string dead = "alice.2  dead              5  device_failed: it ended every device\n";
  const std::string queued = "bob.1    queued            0\n";
  CHECK(output({"list"}) == header + done + dead + queued);
  CHECK(output({"list", "--owner", "alice"}) == header + done + dead);
  CHECK(output({"list", "--status", "dead"}) == header + dead);
  CHECK(output({"list", "--status", "error"}) == "ID  STATUS   DELIVERIES  DETAIL\n");
  const auto json = nlohmann::json::parse(output({"list", "--json", "--owner", "alice"}));
  REQUIRE(json.size() == 2);
  CHECK(json[0]["status"] == "done");
  CHECK(json[0]["result"] == nlohmann::json{{"bucket", "inpaint_pictures"}, {"name", "out/alice/1"}});
  CHECK(json[1]["status"] == "error");
  CHECK(json[1]["dead"] == true);
  CHECK(json[1]["error"]["code"] == "device_failed");
}

TEST_CASE_FIXTURE(JobsCommand, "show tells everything about a job") {
  make("alice.1");
  finish(take());
  CHECK(output({"show", "alice.1"}) ==
        "id:         alice.1\n"
        "status:     done\n"
        "detail:     768x512 png in 1.25 s\n"
        "deliveries: 1\n"
        "result:     out/alice/1 in the bucket inpaint_pictures\n"
        "device:     cpu\n"
        "model:      null\n"
        "worker:     stand-in\n");
  CHECK(nlohmann::json::parse(output({"show", "alice.1", "--json"}))["timings_us"]["total"] == 1'250'000);
  CHECK(failing({"show", "alice.2"}).says("the job alice.2 does not exist"));
  CHECK(failing({"show", "alice"}).says("is not the id of a job"));
}

TEST_CASE_FIXTURE(JobsCommand, "wait ends when all of its jobs have ended, and fails when one has no picture") {
  make("alice.1");
  make("alice.2");
  CHECK(failing({"wait", "alice.1", "--timeout", "1ms"}).says("alice.1: it has not ended within --timeout"));
  RunningProgram waiting("inpaint", {"jobs", "wait", "alice.1", "alice.2", "--server", url()});
  finish(take());
  waiting.await("alice.1: done: ");
  fail(take(), ErrorCode::unsupported_image, "it is a TIFF file");
  const ProgramRun ending = waiting.end();
  CHECK(ending.exit_code == 1);
  CHECK(ending.says("alice.2: error: unsupported_image: it is a TIFF file"));
  CHECK(output({"wait", "alice.1"}).starts_with("alice.1: done: "));

  make("alice.3");
  RunningProgram interrupted("inpaint", {"jobs", "wait", "alice.1", "alice.3", "--server", url()});
  interrupted.await("alice.1: done");
  interrupted.process().signal(SIGINT);
  CHECK(interrupted.end().exit_code == 130);
}

TEST_CASE_FIXTURE(JobsCommand, "cancel ends jobs that have not ended") {
  make("alice.1");
  make("alice.2");
  finish(take());
  CHECK(output({"cancel", "alice.2"}) == "alice.2: cancelled\n");
  CHECK(state("alice.2").status() == "error");
  CHECK(failing({"cancel", "alice.1"}).says("it has ended before: done"));
  CHECK(failing({"cancel", "alice.3"}).says("does not exist"));
}

TEST_CASE_FIXTURE(JobsCommand, "retry starts dead jobs again, by their ids or all of an owner") {
  CHECK(output({"retry", "--dead"}) == "no job is dead\n");
  for (const char* id : {"alice.1", "alice.2", "bob.1"}) {
    make(id);
    give_up(take());
  }
  CHECK(output({"retry", "alice.2"}) == "alice.2: started again\n");
  CHECK(output({"retry", "--dead", "--owner", "alice"}) == "alice.1: started again\n");
  CHECK(take().request.id == "alice.2");
  CHECK(take().request.id == "alice.1");
  CHECK(state("alice.1").status() == "queued");
  CHECK(state("bob.1").dead);
  make("alice.3");
  CHECK(failing({"retry", "alice.3"}).says("send the request again"));
}

TEST_CASE_FIXTURE(JobsCommand, "fetch writes the picture of a job that is done") {
  make("alice.1");
  const std::string path = directory / "pictures/out.png";
  CHECK(failing({"fetch", "alice.1", "-o", path}).says("the job alice.1 has no picture: it is queued"));
  const std::string file = finish(take());
  CHECK(output({"fetch", "alice.1", "-o", path}).empty());
  CHECK(contents(path) == file);
  CHECK(output({"fetch", "alice.1", "-o", "-"}) == file);
  REQUIRE(pictures.remove(job_result("alice.1").name));
  CHECK(failing({"fetch", "alice.1", "-o", path}).says("was removed"));
  CHECK(contents(path) == file);
}

TEST_CASE("inpaint jobs explains wrong usage") {
  const auto usage = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "jobs");
    const ProgramRun ending = run_program("inpaint", arguments);
    CHECK_MESSAGE(ending.exit_code == 2, ending.output);
    return ending;
  };
  CHECK(usage({"retry"}).says("name the jobs to retry, or --dead"));
  CHECK(usage({"retry", "a.1", "--dead"}).says("name the jobs to retry, or --dead"));
  CHECK(usage({"retry", "a.1", "--owner", "a"}).says("--owner needs --dead"));
  CHECK(usage({"list", "--owner", "a.b"}).says("is not an owner"));
  CHECK(usage({"list", "--status", "lost"}).says("queued, running, done, error, dead"));
  CHECK(usage({"show"}).says("ID"));
  CHECK(usage({"show", "a.1", "a.2"}).exit_code == 2);
  CHECK(usage({"fetch", "a.1"}).says("--output"));
  CHECK(usage({}).says("subcommand"));
}
