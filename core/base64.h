// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace inpaintd {

/// The bytes of base64 text (RFC 4648). White space is skipped, the URL-safe alphabet is understood, and the padding
/// may be missing. Errors: bad_request, naming the fault.
Result<std::string> decode_base64(std::string_view text);

}  // namespace inpaintd
