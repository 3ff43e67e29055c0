// SPDX-License-Identifier: Apache-2.0
// The gateway's own form, and lama-cleaner's, which has the same path.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "gateway/contracts/contract.h"
#include "gateway/contracts/fields.h"
#include "gateway/contracts/json_body.h"
#include "gateway/text/multipart.h"
#include "http/header_value.h"

namespace inpaintd::gateway {
namespace {

/// Fields that every client of lama-cleaner sends, and that are no options of ours.
constexpr std::array<std::string_view, 4> lama_cleaner_fields{"ldmSteps", "ldmSampler", "hdStrategy", "zitsWireframe"};

bool is_lama_cleaner(const std::vector<Part>& parts) {
  return std::ranges::any_of(parts, [](const Part& part) {
    return std::ranges::find(lama_cleaner_fields, part.name) != lama_cleaner_fields.end();
  });
}

/// Crop is lama-cleaner's preset, so it expresses no wish.
Strategy strategy_of(std::string_view hd_strategy) {
  if (hd_strategy == "Original") return Strategy::whole;
  if (hd_strategy == "Resize") return Strategy::resize;
  return Strategy::automatic;
}

Result<Ask> read_form(const std::vector<Part>& parts) {
  Ask ask;
  if (is_lama_cleaner(parts)) ask.contract = Contract::lama_cleaner;
  for (const Part& part : parts) {
    if (part.name == "image") {
      ask.submission.image = part.data;
    } else if (part.name == "mask") {
      ask.submission.mask = part.data;
    } else if (ask.contract == Contract::lama_cleaner) {
      if (part.name == "hdStrategy") ask.submission.options.strategy = strategy_of(part.data);
    } else if (Status set = set_field(ask.submission, part.name, part.data); !set) {
      return std::move(set.error());
    }
  }
  auto whole = complete(std::move(ask.submission));
  if (!whole) return std::move(whole.error());
  ask.submission = std::move(*whole);
  return ask;
}

Result<Ask> read_json(std::string_view text) {
  auto body = read_json_body(text);
  if (!body) return std::move(body.error());
  Ask ask;
  ask.submission.image = std::move(body->image);
  ask.submission.mask = std::move(body->mask);
  for (const auto& [name, value] : body->fields)
    if (Status set = set_field(ask.submission, name, value); !set) return std::move(set.error());
  for (const std::string& name : body->nested)
    if (Status set = set_field(ask.submission, name, "an object or a list"); !set) return std::move(set.error());
  auto whole = complete(std::move(ask.submission));
  if (!whole) return std::move(whole.error());
  ask.submission = std::move(*whole);
  return ask;
}

}  // namespace

Result<Ask> read_own(std::string_view content_type, std::string_view body) {
  const HeaderValue type = parse_header_value(content_type);
  if (type.value == "application/json") return read_json(body);
  if (type.value == "multipart/form-data") {
    const auto parts = parse_multipart(body, type.parameter("boundary"));
    if (!parts) return parts.error();
    return read_form(*parts);
  }
  return Error{ErrorCode::unsupported_image,
               "the body is neither JSON nor a form; send application/json or multipart/form-data with image and mask"};
}

}  // namespace inpaintd::gateway
