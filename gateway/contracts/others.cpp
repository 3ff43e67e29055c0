// SPDX-License-Identifier: Apache-2.0
// The forms of IOPaint and ClipDrop.
#include <string>
#include <utility>

#include "gateway/contracts/contract.h"
#include "gateway/contracts/fields.h"
#include "gateway/contracts/json_body.h"
#include "gateway/text/multipart.h"
#include "http/header_value.h"

namespace inpaintd::gateway {
namespace {

Result<Ask> asked(Contract contract, Submission submission) {
  auto whole = complete(std::move(submission));
  if (!whole) return std::move(whole.error());
  return Ask{contract, std::move(*whole)};
}

}  // namespace

Result<Ask> read_iopaint(std::string_view, std::string_view body) {
  auto json = read_json_body(body);  // clients send it under several media types
  if (!json) return std::move(json.error());
  Submission submission;
  submission.image = std::move(json->image);
  submission.mask = std::move(json->mask);
  for (const auto& [name, value] : json->fields) {
    if (name == "hd_strategy" && value == "Original") submission.options.strategy = Strategy::whole;
    if (name == "hd_strategy" && value == "Resize") submission.options.strategy = Strategy::resize;
    // Crop stays `auto`: IOPaint's page sends it always, so it expresses no wish.
  }
  return asked(Contract::iopaint, std::move(submission));
}

Result<Ask> read_clipdrop(std::string_view content_type, std::string_view accept, std::string_view body) {
  const HeaderValue type = parse_header_value(content_type);
  if (type.value != "multipart/form-data")
    return Error{ErrorCode::bad_request, "the body is not a form; send multipart/form-data with image_file, mask_file"};
  const auto parts = parse_multipart(body, type.parameter("boundary"));
  if (!parts) return parts.error();
  Submission submission;
  submission.options.format = Format::png;
  const std::string wanted = lower_case(accept);
  if (wanted.find("image/webp") != std::string::npos) submission.options.format = Format::webp;
  if (wanted.find("image/jpeg") != std::string::npos) submission.options.format = Format::jpeg;
  if (wanted.find("image/png") != std::string::npos) submission.options.format = Format::png;
  for (const Part& part : *parts) {
    if (part.name == "image_file") submission.image = part.data;
    if (part.name == "mask_file") submission.mask = part.data;
  }
  if (submission.image.empty()) return Error{ErrorCode::bad_request, "image_file is missing; send a JPEG or PNG file"};
  if (submission.mask.empty()) return Error{ErrorCode::bad_request, "mask_file is missing; send a PNG file"};
  return asked(Contract::clipdrop, std::move(submission));
}

}  // namespace inpaintd::gateway
