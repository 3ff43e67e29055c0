// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "gateway/problem.h"
#include "http/message.h"
#include "monitoring/json_text.h"

namespace inpaintd::gateway {

/// `{code, message, retryable, retry_after_ms}`, the form of docs/protocol.md.
nlohmann::ordered_json problem_json(const Problem& problem);

HttpReply json_reply(int status, const nlohmann::ordered_json& value);
HttpReply text_reply(int status, std::string text);

}  // namespace inpaintd::gateway
