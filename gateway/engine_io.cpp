// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine_io.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "gateway/tasks/random_id.h"
#include "gateway/text/json_text.h"

namespace inpaintd::gateway {
namespace {

using nlohmann::ordered_json;

constexpr std::chrono::milliseconds ping_interval{25'000};  // the protocol's preset
constexpr std::size_t sessions_max = 1024;

void unknown_session(HttpExchange& exchange) {
  exchange.answer(json_reply(400, {{"code", 1}, {"message", "Session ID unknown"}}));
}

}  // namespace

void EngineIo::poll(const HttpExchangePtr& exchange) {
  const auto& target = exchange->request().target;
  const auto given = target.value("sid");
  if (!given) {
    if (target.value("EIO") != "4" || target.value("transport") != "polling")
      return exchange->answer(json_reply(400, {{"code", 0}, {"message", "Transport unknown"}}));
    const std::string id = random_id();
    if (sessions_.size() == sessions_max) {
      sessions_.erase(oldest_first_.front());
      oldest_first_.pop_front();
    }
    sessions_.emplace(id, false);
    oldest_first_.push_back(id);
    const ordered_json open{{"sid", id},
                            {"upgrades", ordered_json::array()},
                            {"pingInterval", ping_interval.count()},
                            {"pingTimeout", 20'000},
                            {"maxPayload", 1'000'000}};
    return exchange->answer(text_reply(200, fmt::format("0{}", json_text(open))));
  }
  const auto session = sessions_.find(std::string(*given));
  if (session == sessions_.end()) return unknown_session(*exchange);
  if (!std::exchange(session->second, true))
    return exchange->answer(text_reply(200, fmt::format("40{}", json_text({{"sid", session->first}}))));
  loop_.after(ping_interval, [exchange] { exchange->answer(text_reply(200, "2")); });
}

void EngineIo::post(const HttpExchangePtr& exchange) {
  const auto given = exchange->request().target.value("sid");
  if (!given || !sessions_.contains(std::string(*given))) return unknown_session(*exchange);
  exchange->answer(text_reply(200, "ok"));
}

}  // namespace inpaintd::gateway
