// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "bus/connection.h"
#include "core/result.h"
#include "tools/inpaint_load/options.h"
#include "tools/inpaint_load/requests.h"

namespace inpaintd::tools {

/// The mean absolute difference, in levels of 255, between a picture that was sent and the service's answer, over the
/// samples in the holes. `original`: the picture at its own size. `drawn`: its mask at that size. `answer`: the whole
/// answer, which is enlarged or shrunk to the picture's own size as the service does with a shrunk window. Errors:
/// those of decoding the original or the mask.
Result<double> fill_error(const LoadPicture& original, const DrawnMask& drawn, const Pixels& answer);

/// The mean of `fill_error` over the requests 0 to `count` - 1 of `sent`, which are sent one after the other.
/// `original` makes the same requests with the pictures at their own sizes. Errors: those of the connection, the
/// service's refusals, and those of decoding.
Result<double> mean_fill_error(Connection& connection, const LoadOptions& options, RequestMaker& sent,
                               const RequestMaker& original, std::size_t count);

}  // namespace inpaintd::tools
