// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "models/inpainter.h"
#include "monitoring/device_load.h"
#include "monitoring/metrics.h"

namespace inpaintd {

/// A factory of the engines of `factory`, each of which also records its batches in `load` and in `metrics`, which all
/// devices share.
EngineFactory metered(EngineFactory factory, std::shared_ptr<DeviceLoad> load, std::shared_ptr<Metrics> metrics);

}  // namespace inpaintd
