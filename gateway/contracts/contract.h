// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "core/result.h"
#include "gateway/problem.h"
#include "gateway/tasks/submission.h"
#include "http/message.h"

/// The forms in which a picture and a mask may be sent over HTTP: the gateway's own, and the forms of three other
/// programs, so that their clients work with the gateway unchanged.
namespace inpaintd::gateway {

enum class Contract : std::uint8_t { own, lama_cleaner, iopaint, clipdrop };

/// A request in one of the forms, read.
struct Ask {
  Contract contract = Contract::own;
  Submission submission;
};

/// `POST /inpaint`: JSON, or multipart/form-data. A form that has fields of lama-cleaner (ldmSteps, hdStrategy, ...) is
/// read as lama-cleaner reads it. Errors: bad_request, unsupported_image (for another media type).
Result<Ask> read_own(std::string_view content_type, std::string_view body);

/// IOPaint's `POST /api/v1/inpaint`: JSON; members other than image, mask and hd_strategy are ignored.
Result<Ask> read_iopaint(std::string_view content_type, std::string_view body);

/// ClipDrop's `POST /cleanup/v1`: multipart/form-data with image_file and mask_file. `accept` chooses the format of
/// the answer: image/webp, image/jpeg, else PNG.
Result<Ask> read_clipdrop(std::string_view content_type, std::string_view accept, std::string_view body);

/// The answer that tells a client of this contract what went wrong: JSON with `error` (own, ClipDrop), JSON with
/// `error`, `detail`, `body` and `errors` (IOPaint), or plain text (lama-cleaner).
HttpReply problem_reply(Contract contract, const Problem& problem);

}  // namespace inpaintd::gateway
