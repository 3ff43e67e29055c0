// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/request.h"
#include "core/result.h"
#include "image/retouch.h"

namespace inpaintd {

/// Makes the whole picture from the answer to a request for a lossless patch: `original` and `mask` are those of the
/// request, `patch` is the file of the answer, and `region` its place in the upright picture. The result is made with
/// `options` exactly as the service makes the whole picture. Errors: as decode_image, decode_mask and encode_image;
/// internal if the patch does not fit its region or the picture.
Result<Retouched> paste_patch(Bytes original, Bytes patch, const Rect& region, const MaskSource& mask,
                              const Options& options);

/// An estimate of the bytes of the whole picture as an answer with `options`, from the header of `original`; too large
/// rather than too small. Errors: as decode_image.
Result<std::size_t> estimated_answer_bytes(Bytes original, const Options& options);

}  // namespace inpaintd
