// SPDX-License-Identifier: Apache-2.0
#include "gateway/text/json_text.h"

#include <utility>

namespace inpaintd::gateway {

using nlohmann::ordered_json;

ordered_json problem_json(const Problem& problem) {
  ordered_json json{{"code", problem.code}, {"message", problem.message}, {"retryable", problem.retryable}};
  if (problem.retry_after) json["retry_after_ms"] = problem.retry_after->count();
  return json;
}

HttpReply json_reply(int status, const ordered_json& value) {
  return HttpReply::of(status, "application/json", json_text(value) + "\n");
}

HttpReply text_reply(int status, std::string text) {
  return HttpReply::of(status, "text/plain; charset=utf-8", std::move(text));
}

}  // namespace inpaintd::gateway
