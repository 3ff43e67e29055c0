// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "gateway/http/message.h"
#include "gateway/problem.h"

namespace inpaintd::gateway {

/// Compact JSON. Text that is not UTF-8 is replaced, so no value makes this fail.
std::string json_text(const nlohmann::ordered_json& value);

/// `{code, message, retryable, retry_after_ms}`, the form of docs/protocol.md.
nlohmann::ordered_json problem_json(const Problem& problem);

Reply json_reply(int status, const nlohmann::ordered_json& value);
Reply text_reply(int status, std::string text);

}  // namespace inpaintd::gateway
