// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint/stored_inputs.h"

#include <fmt/format.h>

namespace inpaintd::tools {

std::optional<std::string> bucket_problem(ObjectStore bucket) {
  const auto present = bucket.options();
  if (!present) return present.error().message;
  if (!*present) return fmt::format("the bucket {} does not exist: make it with inpaint-setup", pictures_bucket);
  return std::nullopt;
}

Status store_inputs(ObjectStore& bucket, Request& request, const ObjectName& image, const ObjectName& mask) {
  Status put = bucket.put(image.name, std::get<EncodedFile>(request.image).data);
  if (put) put = bucket.put(mask.name, std::get<EncodedFile>(request.mask).data);
  if (!put) return put;
  request.image_at = image;
  request.mask_at = mask;
  return Ok{};
}

}  // namespace inpaintd::tools
