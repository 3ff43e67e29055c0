// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "bus/object_store.h"
#include "core/request.h"
#include "core/result.h"

namespace inpaintd::tools {

/// Why no picture can go through `bucket`, which is `pictures_bucket`; nothing if it can.
std::optional<std::string> bucket_problem(ObjectStore bucket);

/// Stores the files of `request` as the objects `image` and `mask` of `bucket`, which the request names from then on.
/// Errors: those of ObjectStore::put.
Status store_inputs(ObjectStore& bucket, Request& request, const ObjectName& image, const ObjectName& mask);

}  // namespace inpaintd::tools
