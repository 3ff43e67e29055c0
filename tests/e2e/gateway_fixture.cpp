// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/gateway_fixture.h"

#include <doctest/doctest.h>
#include <spdlog/spdlog.h>

#include "clients/cpp/retry.h"
#include "tests/gateway/forms.h"
#include "tests/support/child_process.h"
#include "tests/support/eventually.h"

namespace inpaintd::test {

using namespace std::chrono_literals;
using Fields = std::vector<std::pair<std::string, std::string>>;

GatewayRun::GatewayRun(const std::string& nats_url, gateway::TaskPlace place, const std::string& inbox_prefix) {
  spdlog::set_level(spdlog::level::off);
  settings.listen = "127.0.0.1:0";
  settings.nats.url = nats_url;
  settings.nats.inbox_prefix = inbox_prefix;
  settings.task_place = place;
  restart();
}

GatewayRun::~GatewayRun() = default;

void GatewayRun::restart() {
  gateway.reset();
  const auto retry = [](const Error& error, int attempt) { return retry_wait(error, attempt, 0); };
  auto started = gateway::Gateway::start(settings, retry, "0.0.1");
  if (!started) FAIL(started.error().message);
  gateway = std::move(*started);
  REQUIRE(eventually([this] { return ask("GET", "/readyz").status == 200; }));
}

HttpAnswer GatewayRun::ask(const std::string& method, const std::string& target, const std::string& body,
                           const HeaderLines& headers) const {
  return http_exchange(port(), http_request(method, target, body, headers));
}

HttpAnswer GatewayRun::post_form(const std::string& target, const Fields& fields) const {
  return ask("POST", target, form(fields), {{"Content-Type", form_type}});
}

std::string GatewayRun::start_task(const Fields& fields) const {
  const HttpAnswer answer = post_form("/inpaint", demo_fields("image", "mask", fields));
  if (answer.status != 202) FAIL(answer.body);
  return json_of(answer)["task_id"];
}

std::string GatewayRun::task_status(const std::string& task) const {
  const HttpAnswer answer = ask("GET", "/tasks/" + task);
  return answer.status == 200 ? json_of(answer)["status"].get<std::string>() : std::to_string(answer.status);
}

Fields demo_fields(const std::string& image, const std::string& mask, const Fields& more) {
  Fields fields{{image, contents(INPAINTD_SOURCE_DIR "/examples/demo/photo.jpg")},
                {mask, contents(INPAINTD_SOURCE_DIR "/examples/demo/mask.png")}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

nlohmann::json json_of(const HttpAnswer& answer) { return nlohmann::json::parse(answer.body); }

}  // namespace inpaintd::test
