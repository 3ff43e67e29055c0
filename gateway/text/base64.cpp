// SPDX-License-Identifier: Apache-2.0
#include "gateway/text/base64.h"

#include <cstddef>
#include <utility>

#include "core/base64.h"

namespace inpaintd::gateway {
namespace {

Error bad(std::string message) { return {ErrorCode::bad_request, std::move(message)}; }

}  // namespace

Result<std::string> decode_picture_text(std::string_view text) {
  if (!text.starts_with("data:")) return decode_base64(text);
  const std::size_t comma = text.substr(0, 512).find(',');
  if (comma == std::string_view::npos) return bad("the data URL has no comma; write data:image/png;base64,<text>");
  if (!text.substr(0, comma).ends_with(";base64"))
    return bad("the data URL is not in base64; write data:image/png;base64,<text>");
  return decode_base64(text.substr(comma + 1));
}

}  // namespace inpaintd::gateway
