// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace inpaintd::gateway {

/// The bytes of a data URL `data:<media type>;base64,<text>`, or of bare base64 text. The media type is not used: the
/// first bytes of a picture tell its format. Errors: bad_request.
Result<std::string> decode_picture_text(std::string_view text);

}  // namespace inpaintd::gateway
