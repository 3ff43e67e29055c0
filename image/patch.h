// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/request.h"
#include "core/result.h"

namespace inpaintd {

/// Makes the whole picture from the answer to a request for a lossless patch: `original` is the file of the request,
/// `patch` the file of the answer, and `region` its place in the upright picture. The result is encoded with the
/// format, quality and losses of `options`, exactly as the service encodes the whole picture. Errors: as decode_image
/// and encode_image; internal if the patch does not fit its region or the picture.
Result<std::string> paste_patch(Bytes original, Bytes patch, const Rect& region, const Options& options);

/// An estimate of the bytes of the whole picture as an answer with `options`, from the header of `original`; too large
/// rather than too small. Errors: as decode_image.
Result<std::size_t> estimated_answer_bytes(Bytes original, const Options& options);

}  // namespace inpaintd
