// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/stand_in_worker.h"

#include <doctest/doctest.h>

#include "bus/call.h"
#include "image/codec.h"
#include "tools/inpaint/job_id.h"

namespace inpaintd::test {

std::vector<std::string> durable_arguments(const std::string& output, const std::string& url) {
  return {demo_file("photo.jpg"), demo_file("mask.png"), "-o", output, "--durable", "--progress", "--server", url};
}

std::string durable_demo_id() {
  Options options;
  options.format = Format::png;
  return tools::job_id("inpaint", as_bytes(contents(demo_file("photo.jpg"))), as_bytes(contents(demo_file("mask.png"))),
                       options);
}

ProgramRun run_jobs_command(std::vector<std::string> arguments, const std::string& url) {
  arguments.insert(arguments.begin(), "jobs");
  arguments.insert(arguments.end(), {"--server", url});
  return run_program("inpaint", arguments);
}

StandInWorker::StandInWorker(const std::string& extra_config, const std::string& credentials)
    : JobsBench(long_enough, extra_config, credentials) {}

TakenJob StandInWorker::take(const std::string& priority) {
  auto call = Call::start(*connection, "$JS.API.CONSUMER.MSG.NEXT.INPAINT_JOBS." + priority, {});
  REQUIRE(call);
  auto message = call->next(long_enough);
  REQUIRE(message);
  REQUIRE(*message);
  auto request = wire::decode_request((*message)->data());
  REQUIRE_MESSAGE(request, request.error().message);
  return {std::move(**message), std::move(*request)};
}

void StandInWorker::acknowledge(const TakenJob& job) {
  const auto confirmed = connection->request(std::string(job.message.reply()), as_bytes("+ACK"), long_enough);
  REQUIRE_MESSAGE(confirmed, confirmed.error().message);
}

void StandInWorker::set(const std::string& id, const wire::JobState& state) {
  const auto entry = states.get(id);
  REQUIRE(entry);
  const std::string value = wire::encode_job_state(state);
  const auto written =
      *entry ? states.update(id, as_bytes(value), (*entry)->revision) : states.create(id, as_bytes(value));
  REQUIRE(written);
  REQUIRE(*written);
}

void StandInWorker::fail(const TakenJob& job, ErrorCode code, const std::string& message) {
  const std::string& id = job.request.id;
  set(id, {.reply = wire::Failed{id, {code, message}}, .deliveries = 1});
  acknowledge(job);
}

void StandInWorker::give_up(const TakenJob& job) {
  const std::string& id = job.request.id;
  set(id,
      {.reply = wire::Failed{id, {ErrorCode::device_failed, "it ended every device"}}, .deliveries = 5, .dead = true});
  REQUIRE(connection->publish(dead_job_subject("inpaint", id), job.message.data(), {{job_priority_header, "normal"}}));
  acknowledge(job);
}

std::string StandInWorker::finish(const TakenJob& job) {
  const std::string& id = job.request.id;
  REQUIRE(job.request.image_at == job_image(id));
  REQUIRE(job.request.mask_at == job_mask(id));
  const auto image = pictures.get(job.request.image_at->name);
  REQUIRE_MESSAGE(image, image.error().message);
  const auto picture = decode_image(EncodedFile{as_bytes(*image)}, {});
  REQUIRE(picture);
  set(id, {.reply = wire::Running{id, 2, "cpu"}, .deliveries = 1});
  const ObjectName result = job_result(id);
  auto file = encode_image(*picture, Format::png);
  REQUIRE(file);
  REQUIRE(pictures.put(result.name, as_bytes(*file)));
  wire::Done done;
  done.id = id;
  done.result = result;
  done.format = Format::png;
  done.size = picture->rgb.size();
  done.region = {0, 0, done.size.width, done.size.height};
  done.timings.total = std::chrono::milliseconds(1250);
  done.batch_size = 2;
  done.device = "cpu";
  done.model = "null";
  done.service = "stand-in";
  set(id, {.reply = done, .deliveries = 1});
  for (const ObjectName& each : {job_image(id), job_mask(id)}) REQUIRE(pictures.remove(each.name));
  REQUIRE(connection->publish(job_ended_subject("inpaint", id), {}));
  acknowledge(job);
  return std::move(*file);
}

}  // namespace inpaintd::test
