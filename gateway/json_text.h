// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "gateway/http/message.h"
#include "gateway/problem.h"
#include "monitoring/json_text.h"

namespace inpaintd::gateway {

/// `{code, message, retryable, retry_after_ms}`, the form of docs/protocol.md.
nlohmann::ordered_json problem_json(const Problem& problem);

Reply json_reply(int status, const nlohmann::ordered_json& value);
Reply text_reply(int status, std::string text);

}  // namespace inpaintd::gateway
