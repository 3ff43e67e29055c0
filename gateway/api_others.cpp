// SPDX-License-Identifier: Apache-2.0
// The paths of IOPaint and ClipDrop, and those for probes and metrics.
#include <nlohmann/json.hpp>
#include <utility>

#include "gateway/api.h"
#include "gateway/text/json_text.h"

namespace inpaintd::gateway {
namespace {

using nlohmann::ordered_json;

/// What IOPaint's page reads about the one model. A model without any of these abilities has a page with the eraser.
ordered_json model_info() {
  return {{"name", "lama"},
          {"path", "lama"},
          {"model_type", "inpaint"},
          {"is_single_file_diffusers", false},
          {"need_prompt", false},
          {"controlnets", ordered_json::array()},
          {"brushnets", ordered_json::array()},
          {"support_strength", false},
          {"support_outpainting", false},
          {"support_lcm_lora", false},
          {"support_controlnet", false},
          {"support_brushnet", false},
          {"support_powerpaint_v2", false}};
}

}  // namespace

void Api::iopaint(const HttpExchangePtr& exchange) {
  read(exchange, Contract::iopaint,
       [](const HttpRequest& head, std::string_view body) { return read_iopaint(head.header("content-type"), body); });
}

void Api::clipdrop(const HttpExchangePtr& exchange) {
  read(exchange, Contract::clipdrop, [](const HttpRequest& head, std::string_view body) {
    return read_clipdrop(head.header("content-type"), head.header("accept"), body);
  });
}

void Api::server_config(const HttpExchangePtr& exchange) {
  const auto none = ordered_json::array();
  exchange->answer(json_reply(200, {{"plugins", none},
                                    {"modelInfos", ordered_json::array({model_info()})},
                                    {"removeBGModel", ""},
                                    {"removeBGModels", none},
                                    {"realesrganModel", ""},
                                    {"realesrganModels", none},
                                    {"interactiveSegModel", ""},
                                    {"interactiveSegModels", none},
                                    {"enableFileManager", false},
                                    {"enableAutoSaving", false},
                                    {"enableControlnet", false},
                                    {"controlnetMethod", ""},
                                    {"disableModelSwitch", false},  // true would hide the page's settings
                                    {"isDesktop", false},
                                    {"samplers", none}}));
}

void Api::model(const HttpExchangePtr& exchange) { exchange->answer(json_reply(200, model_info())); }

// As IOPaint answers when it was started without a picture; 404 would show as an error in the browser's console.
void Api::input_image(const HttpExchangePtr& exchange) { exchange->answer(json_reply(200, nullptr)); }

void Api::samplers(const HttpExchangePtr& exchange) { exchange->answer(json_reply(200, ordered_json::array())); }

void Api::gen_info(const HttpExchangePtr& exchange) {
  exchange->answer(json_reply(200, {{"prompt", ""}, {"negative_prompt", ""}}));
}

void Api::healthz(const HttpExchangePtr& exchange) { exchange->answer(json_reply(200, {{"alive", true}})); }

void Api::readyz(const HttpExchangePtr& exchange) {
  auto reasons = ordered_json::array();
  const Gauges now = gauges_();
  if (!now.nats_connected) reasons.push_back("no connection to NATS");
  if (now.nats_connected && !now.obstacle.empty()) reasons.push_back(now.obstacle);
  if (draining_) reasons.push_back("draining");
  const bool ready = reasons.empty();
  exchange->answer(json_reply(ready ? 200 : 503, {{"ready", ready}, {"reasons", std::move(reasons)}}));
}

void Api::metrics(const HttpExchangePtr& exchange) {
  Gauges now = gauges_();
  now.ready = now.nats_connected && now.obstacle.empty() && !draining_;
  exchange->answer(HttpReply::of(200, "text/plain; version=0.0.4", metrics_.text(now)));
}

}  // namespace inpaintd::gateway
