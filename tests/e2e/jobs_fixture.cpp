// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/jobs_fixture.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bus/layout.h"
#include "bus/subjects.h"
#include "tests/support/client_connection.h"

namespace inpaintd::test {
namespace {

nlohmann::json ask(Connection& connection, const std::string& method, const nlohmann::json& body = nullptr) {
  const auto answer =
      connection.request("$JS.API." + method, as_bytes(body.is_null() ? std::string() : body.dump()), long_enough);
  REQUIRE_MESSAGE(answer, answer.error().message);
  return nlohmann::json::parse(answer->data().begin(), answer->data().end());
}

}  // namespace

void make_layout(Connection& connection) {
  Layout layout(connection, {}, long_enough);
  for (const std::string& part : layout.parts()) REQUIRE(layout.make(part));
}

JobsBench::JobsBench(std::chrono::milliseconds ack_wait, const std::string& extra_config,
                     const std::string& credentials)
    : jetstream(extra_config),
      connection(connect_to(jetstream.server.address("nats", credentials))),
      jobs(*connection, "inpaint", long_enough),
      pictures(*connection, std::string(pictures_bucket), long_enough) {
  make_layout(*connection);
  for (const std::string consumer : {"high", "normal", "low"}) {
    auto config = ask(*connection, "CONSUMER.INFO.INPAINT_JOBS." + consumer)["config"];
    config["ack_wait"] = std::chrono::nanoseconds(ack_wait).count();
    const auto changed = ask(*connection, "CONSUMER.DURABLE.CREATE.INPAINT_JOBS." + consumer,
                             {{"stream_name", "INPAINT_JOBS"}, {"config", config}});
    REQUIRE(!changed.contains("error"));
  }
}

Request JobsBench::request(const std::string& id, int side, int level) {
  Request request;
  request.id = id;
  const auto pixels = std::make_shared<std::string>(3 * side * side, static_cast<char>(level));
  request.image = RawPixels{side, side, as_bytes(*pixels)};
  request.owner = pixels;
  request.mask = RectMask{{{4, 4, 4, 4}}};
  request.options.format = Format::png;
  return request;
}

void JobsBench::submit(const Request& request, Priority priority) {
  const auto made = jobs.submit(request, priority);
  REQUIRE_MESSAGE(made, made.error().message);
  REQUIRE(*made);
}

Jobs::State JobsBench::ended(const std::string& id) {
  auto state = jobs.wait(id, Clock::now() + long_enough, {});
  REQUIRE_MESSAGE(state, state.error().message);
  REQUIRE(*state);
  return std::move(**state);
}

Jobs::State JobsBench::state(const std::string& id) {
  auto state = jobs.state(id);
  REQUIRE_MESSAGE(state, state.error().message);
  REQUIRE(*state);
  return std::move(**state);
}

bool JobsBench::wait_until(const std::string& id, std::string_view status) {
  return eventually([&] { return state(id).status() == status; });
}

int JobsBench::messages(std::string_view stream) {
  return ask(*connection, fmt::format("STREAM.INFO.{}", stream))["state"]["messages"];
}

JobsService::JobsService() {
  config.nats.url = url();
  restart();
  client = connect_to(url());
}

}  // namespace inpaintd::test
