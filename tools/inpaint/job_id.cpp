// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint/job_id.h"

#include <fmt/format.h>

#include "bus/sha256.h"
#include "bus/wire/wire.h"

namespace inpaintd::tools {

std::string job_id(std::string_view owner, Bytes image, Bytes mask, const Options& options) {
  Request request;
  request.image = EncodedFile{image};
  request.mask = EncodedFile{mask};
  request.options = options;
  return fmt::format("{}.{}", owner, sha256_hex(as_bytes(wire::encode_request(request))).substr(0, job_digest_digits));
}

}  // namespace inpaintd::tools
