// SPDX-License-Identifier: Apache-2.0
#include "gateway/contracts/contract.h"
#include "gateway/contracts/json_body.h"
#include "gateway/text/base64.h"
#include "tests/fuzz/fuzz.h"

/// The JSON of a request, with data URLs and base64: read_json_body, and the readers of both forms that have one.
namespace inpaintd::fuzz {

std::vector<std::string> seeds() {
  return {
      R"({"image": "data:image/png;base64,Zm9v", "mask": "Zm9vYg==", "format": "webp", "dilate": 3, "quality": "80"})",
      R"({"image": "Zm9v", "mask": "Zm9vYmE", "hd_strategy": "Original", "a": null, "b": [1, {"c": true}], "d": 1.5e3})",
      R"({"image": "Zm9v\nYmFy", "mask": "_-_-", "timeout_ms": 600000, "priority": "high", "region": "patch"})",
      R"({"image": "data:,x", "mask": "\u00e4\ud83d\ude00"})",
      "[]",
      "",
  };
}

void run(Bytes input) {
  const std::string_view text = text_of(input);
  const auto body = gateway::read_json_body(text);
  if (!body) {
    require(body.error().code == ErrorCode::bad_request, "what cannot be read is refused as bad_request");
    require_readable(body.error());
  } else {
    require(body->fields.size() + body->nested.size() <= gateway::json_members_max, "members are bounded");
    require(body->image.size() + body->mask.size() <= text.size(), "decoded pictures are not larger than their text");
  }
  for (const auto& ask : {gateway::read_own("application/json", text), gateway::read_iopaint("", text)}) {
    if (!ask) require_readable(ask.error());
    if (ask) require(!ask->submission.image.empty() && !ask->submission.mask.empty(), "a request has both pictures");
  }
  const auto bytes = gateway::decode_picture_text(text);
  if (!bytes) require_readable(bytes.error());
  if (bytes) require(bytes->size() <= text.size(), "decoded bytes are not more than their text");
}

}  // namespace inpaintd::fuzz
