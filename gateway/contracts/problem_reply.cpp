// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "gateway/contracts/contract.h"
#include "gateway/text/json_text.h"

namespace inpaintd::gateway {
namespace {

HttpReply in_form(Contract contract, const Problem& problem) {
  using nlohmann::ordered_json;
  switch (contract) {
    case Contract::lama_cleaner:
      return text_reply(problem.status, problem.message + "\n");
    case Contract::iopaint:  // its page shows `errors`
      return json_reply(
          problem.status,
          ordered_json{
              {"error", problem.code}, {"detail", problem.message}, {"body", ""}, {"errors", problem.message}});
    case Contract::clipdrop:
      return json_reply(problem.status, ordered_json{{"error", problem.message}});
    case Contract::own:
      break;
  }
  return json_reply(problem.status, ordered_json{{"error", problem_json(problem)}});
}

}  // namespace

HttpReply problem_reply(Contract contract, const Problem& problem) {
  HttpReply reply = in_form(contract, problem);
  if (problem.retry_after) {  // in whole seconds, rounded up
    const auto seconds = (problem.retry_after->count() + 999) / 1000;
    reply.headers.emplace_back("Retry-After", std::to_string(seconds));
  }
  if (problem.status == 401) reply.headers.emplace_back("WWW-Authenticate", "Bearer");
  return reply;
}

}  // namespace inpaintd::gateway
