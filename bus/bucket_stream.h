// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "bus/object_store.h"

namespace inpaintd {

/// The configuration of the stream behind a bucket of the object store (ADR-20). Private to bus/.
nlohmann::json bucket_stream(const std::string& bucket, const BucketOptions& options);

}  // namespace inpaintd
