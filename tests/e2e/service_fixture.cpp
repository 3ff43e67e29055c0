// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/service_fixture.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

#include "tests/support/client_connection.h"
#include "tests/support/eventually.h"

namespace inpaintd::test {

using namespace std::chrono_literals;

namespace {

std::string big_endian(std::size_t value, int bytes) {
  std::string text;
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift & 0xff);
  return text;
}

}  // namespace

namespace pack {

std::string map(std::size_t entries) { return std::string(1, static_cast<char>(0x80 | entries)); }
std::string text(const std::string& value) { return "\xd9" + big_endian(value.size(), 1) + value; }
std::string bin(const std::string& value) { return "\xc6" + big_endian(value.size(), 4) + value; }
std::string integer(int value) { return "\xd2" + big_endian(static_cast<std::size_t>(value), 4); }

}  // namespace pack

ServiceFixture::ServiceFixture() : nats("max_payload: 8MB\n") {
  spdlog::set_level(spdlog::level::off);
  config.nats.url = nats.url();
  config.nats.connect_timeout = long_enough;
  config.model.engine = EngineKind::null;
  config.model.devices = {"cpu"};
  config.batch.wait_max = 1ms;
  config.device.warm_up = 0ms;  // so that the n-th run of an engine is that of the n-th request
  config.http.listen = "127.0.0.1:0";
  client = connect_to(nats.url());
  restart();
}

ServiceFixture::~ServiceFixture() = default;

void ServiceFixture::restart() {
  service.reset();
  auto started = Service::start(config, "0.0.1");
  if (!started) FAIL(started.error().message);
  service = std::move(*started);
}

void ServiceFixture::end() {
  client.reset();
  service.reset();
}

wire::Reply ServiceFixture::ask(const std::string& bytes, const std::string& subject) {
  auto message = client->request("inpaint.v1." + subject, as_bytes(bytes), long_enough);
  if (!message) FAIL(message.error().message);
  auto reply = wire::decode_reply(message->data());
  if (!reply) FAIL(reply.error().message);
  kept_.push_back(*message);
  return *reply;
}

Error ServiceFixture::refusal(const std::string& bytes) {
  auto reply = ask(bytes);
  const auto* failed = std::get_if<wire::Failed>(&reply);
  if (!failed) FAIL("the request was not refused");
  return failed->error;
}

wire::Done ServiceFixture::picture(const std::string& bytes, const std::string& subject) {
  auto reply = ask(bytes, subject);
  if (const auto* failed = std::get_if<wire::Failed>(&reply)) FAIL(failed->error.message);
  const auto* done = std::get_if<wire::Done>(&reply);
  REQUIRE(done);
  return *done;
}

void ServiceFixture::check_alive() { CHECK(picture(small_request("alive")).id == "alive"); }

std::string ServiceFixture::small_request(const std::string& id) {
  using namespace pack;
  const std::string raw(16 * 16 * 3, '\x80');
  return map(id.empty() ? 2 : 3) + text("image") + map(3) + text("w") + integer(16) + text("h") + integer(16) +
         text("data") + bin(raw) + text("mask") + map(1) + text("rects") + "\x91\x94" + integer(4) + integer(4) +
         integer(4) + integer(4) + (id.empty() ? "" : text("id") + text(id));
}

}  // namespace inpaintd::test
