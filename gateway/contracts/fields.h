// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/result.h"
#include "gateway/tasks/submission.h"

namespace inpaintd::gateway {

/// Sets one option of the protocol by its name and its text: format, quality, lossless, region, strategy, dilate,
/// feather, mask_values, background, alpha, timeout_ms, priority. Errors: bad_request, naming the field, its value and
/// the allowed values; an unknown field is refused with the nearest known one.
Status set_field(Submission& submission, std::string_view name, std::string_view text);

/// Refuses a submission without picture or mask. Errors: bad_request.
Result<Submission> complete(Submission submission);

}  // namespace inpaintd::gateway
